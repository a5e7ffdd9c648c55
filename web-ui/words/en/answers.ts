import type { AnswerCode } from '../../../src/core/answer-code.ts'

type AnswerWords = Readonly<Record<`answer.${AnswerCode | 'backup-after-reset'}`, string>>

/** Why the box did not do it, by `core/answer-code.ts`. */
export const answers = {
  'answer.wrong-claim-code': 'the claim code is another one',
  'answer.wrong-password': 'name or password is wrong',
  'answer.wrong-present-password': 'this is not your present password',
  'answer.wrong-code': 'this code is wrong, or was used already',
  'answer.too-many-guesses': 'too many wrong ones came from here: try again in 4 seconds',
  'answer.too-busy': 'many are signing in just now: try again in 2 seconds',
  'answer.begin-again': 'this took too long, or too many tries: begin again with name and password',
  'answer.pass-over': 'this link was used already, is too old, or was withdrawn: ask for another one',
  'answer.backup-after-reset':
    'This box was reset: the file has its settings, and neither mail nor the key of its secrets. A whole backup is made by a command on the box.',
} as const satisfies AnswerWords
