// Bytes and seconds in words.
export function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let at = 0;
  let rest = bytes;
  while (rest >= 1024 && at < units.length - 1) { rest /= 1024; at += 1; }
  return `${rest.toLocaleString(document.documentElement.lang, { maximumFractionDigits: rest < 10 && at ? 1 : 0 })} ${units[at]}`;
}

export const time = (seconds) => (seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`);
