/* A question's fields to its response and back. The shapes are marking's: lists of option names, true or false, texts by
   blank, { left: right }, a text; null for no answer. */

const READERS = {
  single: (fields) => list(checked(fields)),
  multiple: (fields) => list(checked(fields)),
  true_false: (fields) => checked(fields).map((value) => value === "true")[0] ?? null,
  fill: (fields) => (fields.some((field) => field.value.trim()) ? fields.map((field) => field.value.trim()) : null),
  ordering: (fields) => {
    const placed = fields.filter((field) => field.value).sort((one, other) => one.value - other.value);
    return list(placed.map((field) => field.dataset.key));
  },
  matching: (fields) => {
    const pairs = fields.filter((field) => field.value).map((field) => [field.dataset.key, field.value]);
    return pairs.length ? Object.fromEntries(pairs) : null;
  },
  short: ([field]) => field.value.trim() || null,
};

const WRITERS = {
  single: check,
  multiple: check,
  true_false: (fields, response) => check(fields, response === null ? [] : [String(response)]),
  fill: (fields, response) => each(fields, (field, place) => response?.[place] ?? ""),
  ordering: (fields, response) => each(fields, (field) => {
    const place = (response ?? []).indexOf(field.dataset.key);
    return place < 0 ? "" : String(place + 1);
  }),
  matching: (fields, response) => each(fields, (field) => response?.[field.dataset.key] ?? ""),
  short: (fields, response) => each(fields, () => response ?? ""),
};

function checked(fields) {
  return fields.filter((field) => field.checked).map((field) => field.value);
}

function list(values) {
  return values.length ? values : null;
}

function check(fields, response) {
  for (const field of fields) field.checked = (response ?? []).includes(field.value);
}

function each(fields, value) {
  fields.forEach((field, place) => {
    field.value = value(field, place);
  });
}

function fieldsOf(question) {
  return [...question.querySelectorAll(`[name=q${question.dataset.position}]`)];
}

export function read(question) {
  return READERS[question.dataset.type](fieldsOf(question));
}

export function write(question, response) {
  WRITERS[question.dataset.type](fieldsOf(question), response ?? null);
}

/* A place in an order belongs to one step: who had it takes the place that became free. */
export function settleOrder(question, field, before) {
  if (question.dataset.type !== "ordering" || !field.value) return;
  const other = fieldsOf(question).find((each) => each !== field && each.value === field.value);
  if (other) other.value = before ?? "";
}

export function answered(response) {
  return response !== null && response !== undefined;
}
