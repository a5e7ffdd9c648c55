import type { Database } from '../platform/database.ts'

/** Dialogues that differ, of one part of a message: what comes beyond takes the place of the last. */
const mostOfOnePart = 5

export interface AttemptOfPart {
  readonly message: number
  readonly part: number
  readonly upstream: string
}

/** Keeps what was said in failed attempts, once where a server says the same for days: a mail is tried some forty times. */
export function attemptDialogues(database: Database) {
  const ofPart = `message = @message AND part = @part AND upstream = @upstream`
  const kept = database.prepare<[AttemptOfPart], { sequence: number; dialogue: string }>(
    `SELECT sequence, dialogue FROM attempt_dialogue JOIN attempt USING (message, sequence)
     WHERE ${ofPart} ORDER BY sequence`,
  )
  const remove = database.prepare<[number, number]>(
    'DELETE FROM attempt_dialogue WHERE message = ? AND sequence = ?',
  )
  const insert = database.prepare<[string, number]>(
    'INSERT INTO attempt_dialogue SELECT message, max(sequence), ? FROM attempt WHERE message = ?',
  )
  return {
    /** Of the attempt that was written last. */
    keep(dialogue: string, attempt: AttemptOfPart): void {
      const before = kept.all(attempt)
      const shape = shapeOf(dialogue)
      if (before.some((other) => shapeOf(other.dialogue) === shape)) return
      const last = before[mostOfOnePart - 1]
      if (last) remove.run(attempt.message, last.sequence)
      insert.run(dialogue, attempt.message)
    },
  }
}

/** What is left without times, sizes and ids: replies that say yes by their code, others without words that hold digits. */
const shapeOf = (dialogue: string): string => dialogue.split('\n').map(lineShape).join('\n')

function lineShape(line: string): string {
  if (/^S: [23]\d\d/.test(line)) return line.slice(0, 6)
  const [, code = '', text = ''] = /^(S: \d{3}[ -](?:\d\.\d+\.\d+)?)?(.*)$/.exec(line) ?? []
  return code + (line.startsWith('C: ') ? text : text.replace(/\S*\d\S*/g, '#'))
}
