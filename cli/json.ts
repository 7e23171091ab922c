/** Renders an answer as JSON. proto-loader's marks of what is set (`_port`) are no part of it. */
export function renderJson(answer: unknown, indent = 2): string {
  const withoutMarks = (name: string, value: unknown) => (name.startsWith('_') ? undefined : value);
  return `${JSON.stringify(answer, withoutMarks, indent)}\n`;
}
