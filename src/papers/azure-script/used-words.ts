/**
 * The definitions that `steps` come to, in their order. A person reads the paste before running it with an
 * administrator's rights: what no step calls would only be in the way. Definitions are separated by blank lines.
 */
export function usedWords(definitions: string, steps: string): string {
  const all = definitions
    .split(/\n\n+(?=(?:#.*\n)*\w+(?:\(\) \{|=))/)
    .map((text) => ({ text, name: nameOf(text) }))
  const used = new Set<string>()
  const look = (text: string): void => {
    for (const each of all) {
      if (used.has(each.name) || !mentions(text, each.name)) continue
      used.add(each.name)
      look(each.text)
    }
  }
  // What is only written to a file is no bash.
  look(steps.replace(/<<'(\w+)'\n[\s\S]*?\n\1$/gm, ''))
  return all
    .filter(({ name }) => used.has(name))
    .map(({ text }) => text)
    .join('\n\n')
}

/** As a command or a variable: `there` stands in sentences too. */
const mentions = (text: string, name: string): boolean =>
  new RegExp(`(?:^|[;|&({]|\\b(?:if|elif|then|else|while|do))[ \\n]*${name}\\b|\\$${name}\\b`, 'm').test(text)

function nameOf(definition: string): string {
  const [, name] = /^(\w+)(?:\(\) \{|=)/m.exec(definition) ?? []
  if (name === undefined) throw new Error(`defines nothing: ${definition.slice(0, 40)}`)
  return name
}
