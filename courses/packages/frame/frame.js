/* The page around a SCORM package, on the packages' own origin: the run-time environment of ADL SCORM 1.2 (chapter 3) for
   what is inside, and messages to our page for what is to be kept. A classic script of its own: this origin has no other.
   To home: {kaibo: "package", type: "ready"}, {…, type: "keep", state}. From home: {…, type: "begin", state}.
   state: { status, score, location, suspend_data, seconds }. */

(() => {
  const { home, reader, entry, title } = document.documentElement.dataset;
  const REST = 2000; // milliseconds after a value is set, for packages that never commit
  const STATUSES = ["passed", "completed", "failed", "incomplete", "browsed"];
  const ERRORS = {
    0: "No error",
    101: "General exception",
    201: "Invalid argument error",
    202: "Element cannot have children",
    203: "Element not an array - cannot have count",
    301: "Not initialized",
    401: "Not implemented error",
    402: "Invalid set value, element is a keyword",
    403: "Element is read only",
    404: "Element is write only",
    405: "Incorrect data type",
  };

  const text = (most) => (value) => value.length <= most;
  const decimal = (value) => value === "" || (/^-?\d{1,3}(\.\d{1,7})?$/.test(value) && Number(value) >= 0 && Number(value) <= 100);
  const timespan = (value) => /^\d{2,4}:[0-5]\d:[0-5]\d(\.\d{1,2})?$/.test(value);
  const oneOf = (...words) => (value) => words.includes(value);

  const values = {};
  /* Element → what it may be set to; `get: false` is write only, without `set` it is read only. */
  const MODEL = {
    "cmi.core._children": { keyword: true },
    "cmi.core.student_id": {},
    "cmi.core.student_name": {},
    "cmi.core.lesson_location": { set: text(255) },
    "cmi.core.credit": {},
    "cmi.core.lesson_status": { set: oneOf(...STATUSES) },
    "cmi.core.entry": {},
    "cmi.core.score._children": { keyword: true },
    "cmi.core.score.raw": { set: decimal },
    "cmi.core.score.min": { set: decimal },
    "cmi.core.score.max": { set: decimal },
    "cmi.core.total_time": {},
    "cmi.core.lesson_mode": {},
    "cmi.core.exit": { set: oneOf("time-out", "suspend", "logout", ""), get: false },
    "cmi.core.session_time": { set: timespan, get: false },
    "cmi.suspend_data": { set: text(4096) },
    "cmi.launch_data": {},
    "cmi.comments": { set: text(4096) },
    "cmi.comments_from_lms": {},
    "cmi._version": { keyword: true },
  };

  let stage = "before"; // running, finished
  let error = 0;
  let waiting;
  let before = 0; // seconds of earlier sessions

  const clock = (seconds) => {
    const two = (number) => String(number).padStart(2, "0");
    const whole = Math.floor(seconds);
    return `${String(Math.floor(whole / 3600)).padStart(4, "0")}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}.00`;
  };

  const seconds = (span) => {
    const [hours, minutes, rest] = span.split(":").map(Number);
    return hours * 3600 + minutes * 60 + rest;
  };

  function begin(state) {
    before = Number(state.seconds) || 0;
    const again = Boolean(state.suspend_data || state.location || (state.status && state.status !== "not attempted"));
    Object.assign(values, {
      "cmi.core._children":
        "student_id,student_name,lesson_location,credit,lesson_status,entry,score,total_time,lesson_mode,exit,session_time",
      "cmi.core.student_id": reader,
      "cmi.core.student_name": "",
      "cmi.core.lesson_location": state.location || "",
      "cmi.core.credit": "credit",
      "cmi.core.lesson_status": state.status || "not attempted",
      "cmi.core.entry": again ? "resume" : "ab-initio",
      "cmi.core.score._children": "raw,min,max",
      "cmi.core.score.raw": state.score ?? "",
      "cmi.core.score.min": "",
      "cmi.core.score.max": "",
      "cmi.core.total_time": clock(before),
      "cmi.core.lesson_mode": "normal",
      "cmi.core.exit": "",
      "cmi.core.session_time": "0000:00:00",
      "cmi.suspend_data": state.suspend_data || "",
      "cmi.launch_data": "",
      "cmi.comments": "",
      "cmi.comments_from_lms": "",
      "cmi._version": "3.4",
    });
    const frame = document.createElement("iframe");
    frame.title = title;
    frame.src = entry;
    document.body.append(frame);
  }

  function keep() {
    clearTimeout(waiting);
    waiting = undefined;
    if (window.parent === window) return;
    const state = {
      status: values["cmi.core.lesson_status"],
      score: values["cmi.core.score.raw"],
      location: values["cmi.core.lesson_location"],
      suspend_data: values["cmi.suspend_data"],
      seconds: Math.round(before + seconds(values["cmi.core.session_time"])),
    };
    window.parent.postMessage({ kaibo: "package", type: "keep", state }, home);
  }

  const said = (code, answer) => {
    error = code;
    return answer;
  };

  /* What is wrong with an element that the model does not have. */
  function unknown(name) {
    const [, of, what] = /^(.*)\.(_children|_count)$/.exec(name) ?? [];
    if (of && MODEL[of]) return what === "_children" ? 202 : 203;
    return /^cmi\.(objectives|interactions|student_data|student_preference)\b/.test(name) ? 401 : 201;
  }

  window.API = {
    LMSInitialize(argument) {
      if (argument !== "") return said(201, "false");
      if (stage !== "before") return said(101, "false");
      stage = "running";
      return said(0, "true");
    },
    LMSFinish(argument) {
      if (argument !== "") return said(201, "false");
      if (stage !== "running") return said(301, "false");
      // RTE 3.4.4: a part that says nothing of its status and ends is completed.
      if (values["cmi.core.lesson_status"] === "not attempted") values["cmi.core.lesson_status"] = "completed";
      stage = "finished";
      keep();
      return said(0, "true");
    },
    LMSGetValue(element) {
      if (stage !== "running") return said(301, "");
      const known = Object.hasOwn(MODEL, element) ? MODEL[element] : undefined;
      if (!known) return said(unknown(String(element)), "");
      if (known.get === false) return said(404, "");
      return said(0, values[element]);
    },
    LMSSetValue(element, given) {
      if (stage !== "running") return said(301, "false");
      const known = Object.hasOwn(MODEL, element) ? MODEL[element] : undefined;
      if (!known) return said(unknown(String(element)), "false");
      if (known.keyword) return said(402, "false");
      if (!known.set) return said(403, "false");
      const value = String(given ?? "");
      if (!known.set(value)) return said(405, "false");
      values[element] = value;
      waiting ??= setTimeout(keep, REST);
      return said(0, "true");
    },
    LMSCommit(argument) {
      if (argument !== "") return said(201, "false");
      if (stage !== "running") return said(301, "false");
      keep();
      return said(0, "true");
    },
    LMSGetLastError: () => String(error),
    LMSGetErrorString: (code) => ERRORS[code] ?? "",
    LMSGetDiagnostic: (code) => ERRORS[code === "" ? error : code] ?? "",
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (window.parent === window) {
      begin({}); // opened by itself: shown, nothing is kept
      return;
    }
    window.addEventListener("message", (event) => {
      if (event.origin !== home || event.source !== window.parent) return;
      if (event.data?.kaibo !== "package" || event.data.type !== "begin" || values["cmi._version"]) return;
      begin(event.data.state ?? {});
    });
    window.parent.postMessage({ kaibo: "package", type: "ready" }, home);
  });
  window.addEventListener("pagehide", () => {
    if (waiting) keep();
  });
})();
