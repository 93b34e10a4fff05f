/* Seconds as people read them in a recording: 41.6 is 00:41, 3725 is 1:02:05. */

export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const pad = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes >= 60
    ? `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(whole % 60)}`
    : `${pad(minutes)}:${pad(whole % 60)}`;
}

/* A message with named places: fill("{size}, {left}", { size: "186MB" }). */
export function fill(pattern, values) {
  return (pattern ?? "").replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/* A file's size as phones say it. */
export function fileSize(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const number = units[unit] === "GB" ? value.toFixed(1).replace(".0", "") : value.toFixed(0);
  return `${number}${units[unit]}`;
}
