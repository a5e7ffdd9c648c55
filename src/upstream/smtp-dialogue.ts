import { oneLine } from './pause-reasons.ts'

/** Characters of one dialogue as the history keeps it: beginning and end, the middle left out. */
const most = 4096
const shortestSecret = 4

/**
 * What was said on one connection, for the history of an attempt that failed: its opening, then the transaction under way.
 * Sign-ins come in masked, content never comes in; a secret that the server says back is masked here.
 */
export class SmtpDialogue {
  #opening: readonly string[] = []
  #lines: string[] = []
  readonly #secrets: string[] = []

  /** Masks these wherever they turn up from now on, also in base64. */
  hide(...secrets: readonly string[]): void {
    const written = secrets.flatMap((secret) => [secret, Buffer.from(secret).toString('base64')])
    this.#secrets.push(...written.filter((secret) => secret.length >= shortestSecret))
    // One may be part of another.
    this.#secrets.sort((a, b) => b.length - a.length)
  }

  sent(line: string): void {
    this.#lines.push(`C: ${oneLine(this.masked(line))}`)
  }

  received(reply: string): void {
    for (const line of reply.split(/\r?\n/)) this.#lines.push(`S: ${oneLine(this.masked(line))}`)
  }

  /** The connection is open: what follows belongs to one transaction, until the next one begins. */
  begin(): void {
    if (this.#opening.length === 0) this.#opening = this.#lines
    this.#lines = []
  }

  /** One line for each command and reply line, at most 4,096 characters. */
  get text(): string {
    return shortened([...this.#opening, ...this.#lines])
  }

  /** Without the secrets that are hidden. */
  masked(line: string): string {
    return this.#secrets.reduce((text, secret) => text.replaceAll(secret, '***'), line)
  }
}

function shortened(lines: readonly string[]): string {
  const whole = lines.join('\n')
  if (whole.length <= most) return whole
  const tail = fitting(lines.toReversed(), most / 2).toReversed()
  const head = fitting(lines, most / 2 - 40)
  return [...head, `(${lines.length - head.length - tail.length} lines left out)`, ...tail].join('\n')
}

/** The first lines that have room in so many characters. */
function fitting(lines: readonly string[], room: number): readonly string[] {
  let left = room
  const end = lines.findIndex((line) => {
    left -= line.length + 1
    return left < 0
  })
  return end === -1 ? lines : lines.slice(0, end)
}
