/** What is wrong with a setup document, or worth knowing about it. Only errors keep it from being applied. */
export interface Problem {
  readonly severity: 'error' | 'warning' | 'notice'
  /** `device 2 "Front desk": username`, `gateway: hostname`, `line 3, column 5`. */
  readonly place: string
  /** The end of the sentence that begins with the place. */
  readonly sentence: string
}

export const problemText = (problem: Problem): string => `${problem.place}: ${problem.sentence}`

export const isError = (problem: Problem): boolean => problem.severity === 'error'

/** The tables of which there are many; `number` counts from 1 as a person does. */
export type RowTable = 'operator' | 'listener' | 'alias' | 'device' | 'upstream' | 'backup'

/** `device 2 "Front desk": username`; without a name or key where there is none. */
export function rowPlace(table: RowTable, index: number, name: string | undefined, key?: string): string {
  const row = `${table} ${index + 1}${name === undefined ? '' : ` ${JSON.stringify(name)}`}`
  return key === undefined ? row : `${row}: ${key}`
}

export const error = (place: string, sentence: string): Problem => ({ severity: 'error', place, sentence })
export const warning = (place: string, sentence: string): Problem => ({
  severity: 'warning',
  place,
  sentence,
})
export const notice = (place: string, sentence: string): Problem => ({ severity: 'notice', place, sentence })
