import { isDeepStrictEqual } from 'node:util'

export interface Check {
  readonly place: string
  readonly name: string
  readonly passed: boolean
  /** What was found, where it says more than the name. */
  readonly detail: string
}

/** What was looked at, in its order; a check that fails does not end the others. */
export class Checks {
  readonly all: Check[] = []

  note(place: string, name: string, passed: boolean, detail = ''): void {
    this.all.push({ place, name, passed, detail })
    console.error(`${passed ? 'ok    ' : 'NOT OK'} ${place}: ${name}${detail === '' ? '' : ` (${detail})`}`)
  }

  equal(place: string, name: string, found: unknown, expected: unknown): void {
    const passed = isDeepStrictEqual(found, expected)
    this.note(place, name, passed, passed ? '' : `${JSON.stringify(found)}, not ${JSON.stringify(expected)}`)
  }

  match(place: string, name: string, found: string, pattern: RegExp): void {
    const passed = pattern.test(found)
    this.note(place, name, passed, passed ? '' : `${found.slice(-800)} does not match ${pattern}`)
  }
}
