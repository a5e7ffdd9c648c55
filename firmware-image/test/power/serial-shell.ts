import type { VirtualBox } from '../virtual-box.ts'

/** Under emulation and load even `true` takes seconds. */
const longestMs = 3 * 60_000

/** A shell on the serial line, which repeats what is typed: what it answers stands between numbers that it worked out. */
export class SerialShell {
  readonly #box: VirtualBox

  constructor(box: VirtualBox) {
    this.#box = box
  }

  /** What it printed, and its status. Throws where it says nothing. */
  async run(command: string): Promise<{ readonly status: number; readonly said: string }> {
    this.#box.type(`echo "<$((6 * 7))"; ${command}; echo "$((6 * 7))=$?>"`)
    const [, said = '', status = ''] =
      (await this.#box.hears(/<42\n([\s\S]*?)42=(\d+)>/, longestMs)) ?? this.#fail(command)
    return { status: Number(status), said: said.trim() }
  }

  async ask(command: string): Promise<string> {
    return (await this.run(command)).said
  }

  /** For what it does not live to tell the end of. */
  last(command: string): void {
    this.#box.type(command)
  }

  #fail(command: string): never {
    throw new Error(`the shell said nothing to ${command}:\n${this.#box.lastLines(30)}`)
  }
}
