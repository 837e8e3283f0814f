// What was dropped or chosen, as a flat list of {file, path}: folders are walked through, and their names kept.

/** Of a drop. The list of items is only there while the event is, so entries are taken before anything is waited for. */
export async function dropped(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const found = items.map((item) => ({ entry: item.webkitGetAsEntry?.(), file: item.getAsFile() }));
  const lists = await Promise.all(found.map(({ entry, file }) => (entry ? walk(entry) : file ? [{ file, path: file.name }] : [])));
  return lists.flat();
}

/** Of an <input type=file>, for files or for a folder. */
export const chosen = (input) => [...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));

async function walk(entry) {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    // One that can't be opened is told of as any other that can't be read.
    const file = await new Promise((resolve) => { entry.file(resolve, () => resolve(null)); });
    return [{ file: file ?? new File([], entry.name), path, isUnreadable: !file }];
  }
  const reader = entry.createReader();
  const entries = [];
  for (;;) {
    // A folder is given a hundred at a time.
    const some = await new Promise((resolve) => { reader.readEntries(resolve, () => resolve(null)); });
    if (!some) return [{ file: new File([], entry.name), path, isUnreadable: true }];
    if (!some.length) break;
    entries.push(...some);
  }
  const below = [];
  for (const each of entries) below.push(await walk(each));
  return below.flat();
}
