/** What the box is made of, for people who stand before it. Empty where the machine does not say. */
export interface Machine {
  readonly manufacturer: string
  readonly model: string
  readonly serial: string
}

let known: Promise<Machine> | undefined

/**
 * Asked once in a process' life and loaded only then: the library starts programs of the system to find out (measured:
 * some dozen), which a small box must not do again and again.
 */
export function machine(): Promise<Machine> {
  known ??= ask()
  return known
}

async function ask(): Promise<Machine> {
  // In the bundle a CommonJS package has a default export alone.
  const { default: information } = await import('systeminformation')
  const { manufacturer, model, serial } = await information.system()
  return { manufacturer: said(manufacturer), model: said(model), serial: said(serial) }
}

/** Board makers leave their templates in. */
const said = (text: string): string =>
  /^(-|to be filled.*|default string|not specified|none|0+)$/i.test(text.trim()) ? '' : text.trim()
