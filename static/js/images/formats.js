// What a file is, told by its first bytes; the server looks again (dashboard/cloud/image_formats.py, the same table).
export const HEAD = 40 * 1024;

const MARKS = [
  [0, "QFI\xfb", "qcow2", ""],
  [0, "conectix", "vhd", ""],
  [0, "vhdxfile", "vhdx", ""],
  [0, "KDMV", "vmdk", ""],
  [0, "# Disk DescriptorFile", "vmdk", ""],
  [64, "\x7f\x10\xda\xbe", "vdi", ""],
  [0, "WithoutFreeSpace", "ploop", ""],
  [0, "WithouFreSpacExt", "ploop", ""],
  [32769, "CD001", "iso", ""],
  [0, "\x1f\x8b", "", "compressed"],
  [0, "BZh", "", "compressed"],
  [0, "\xfd7zXZ\x00", "", "compressed"],
  [0, "(\xb5/\xfd", "", "compressed"],
  [0, "PK\x03\x04", "", "compressed"],
  [0, "7z\xbc\xaf'\x1c", "", "compressed"],
  [257, "ustar", "vmdk", "ova"],
  [514, "HdrS", "aki", "aki"],
  [0, "070701", "ari", "ari"],
  [510, "U\xaa", "raw", ""],
];
const RAW_LIKE = ["raw", "ami", "aki", "ari"];

/** {disk, container, name} of a File; all "" for what has no sign, as most raw disks don't. */
export async function detect(file) {
  const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  const has = (offset, magic) => [...magic].every((letter, at) => head[offset + at] === letter.charCodeAt(0));
  const [, , disk, container] = MARKS.find(([offset, magic]) => has(offset, magic)) ?? [0, "", "", ""];
  return { disk, container, name: ["compressed", "ova"].includes(container) ? container : disk };
}

/** Whether a file is surely another than an image of these formats would be. */
export function differs(found, disk, container) {
  if (found.container === "compressed") return !["compressed", "ari", "docker"].includes(container) && disk !== "ari";
  if (found.container === "ova") return !["ova", "docker", "compressed"].includes(container) && disk !== "ari";
  if (["ova", "docker", "compressed"].includes(container)) return found.disk !== "";
  if (found.disk === "" || RAW_LIKE.includes(found.disk)) {
    return !RAW_LIKE.includes(disk) && !(["vhd", "vmdk"].includes(disk) && found.disk === "raw");
  }
  return found.disk !== disk;
}
