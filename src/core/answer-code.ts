/** Why the console did not do what was asked, where a page says it in the language of who reads it. */
export type AnswerCode =
  | 'wrong-claim-code'
  | 'wrong-password'
  | 'wrong-present-password'
  | 'wrong-code'
  | 'too-many-guesses'
  | 'too-busy'
  | 'begin-again'
  | 'pass-over'
