import { parseReply, type SmtpReply, type SmtpStage } from './smtp-reply.ts'

/** The server's no to a command of ours. */
export class SmtpRefusal extends Error {
  readonly reply: SmtpReply

  constructor(stage: SmtpStage, said: string) {
    super(`the server said no at ${stage}`)
    this.reply = parseReply(stage, said) ?? { stage, code: 0, status: '', text: said }
  }
}

/** Throws unless the reply says yes (RFC 5321 section 4.2.1). */
export function expectYes(stage: SmtpStage, said: string): string {
  if (!said.startsWith('2')) throw new SmtpRefusal(stage, said)
  return said
}
