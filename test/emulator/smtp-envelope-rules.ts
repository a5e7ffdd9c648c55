// Which MAIL and RCPT a strict upstream takes, given what its EHLO announced.
import { isAscii, parsePath, type SmtpPath } from './smtp-commands.ts'
import { isAnnounced, type SmtpSettings } from './smtp-settings.ts'

export type PathVerdict =
  | { readonly kind: 'taken'; readonly path: SmtpPath }
  | { readonly kind: 'refused'; readonly reply: string }

function refused(reply: string): PathVerdict {
  return { kind: 'refused', reply }
}

function readPath(keyword: 'FROM' | 'TO', argument: string, settings: SmtpSettings): PathVerdict {
  const path = parsePath(keyword, argument)
  if (path === undefined) return refused(`501 5.5.4 Syntax: ${keyword}:<address>`)
  const unknown = Object.keys(path.parameters).find(
    (name) => !isAnnounced(settings.capabilities, keyword, name),
  )
  return unknown === undefined ? { kind: 'taken', path } : refused(`555 5.5.4 Unsupported option: ${unknown}`)
}

const bodyValues: readonly (string | true | undefined)[] = [undefined, '7BIT', '8BITMIME']

function isBodyKnown(body: string | true | undefined, settings: SmtpSettings): boolean {
  return bodyValues.includes(body) || (body === 'BINARYMIME' && settings.capabilities.isBinaryMime === true)
}

export function judgeMail(argument: string, settings: SmtpSettings): PathVerdict {
  const verdict = readPath('FROM', argument, settings)
  if (verdict.kind === 'refused') return verdict
  const { address, parameters } = verdict.path
  const size = parameters['SIZE']
  if (size !== undefined && !/^\d{1,20}$/.test(String(size))) return refused('501 5.5.4 Syntax: SIZE=octets')
  const limit = settings.capabilities.size ?? 0
  if (limit > 0 && Number(size ?? 0) > limit) return refused(settings.texts.tooLarge)
  if (!isBodyKnown(parameters['BODY'], settings)) return refused('501 5.5.4 Unsupported BODY type')
  if (!isAscii(address) && parameters['SMTPUTF8'] !== true) return refused('553 5.6.7 Address needs SMTPUTF8')
  return verdict
}

export function judgeRecipient(
  argument: string,
  settings: SmtpSettings,
  mailFrom: SmtpPath,
  taken: number,
): PathVerdict {
  const verdict = readPath('TO', argument, settings)
  if (verdict.kind === 'refused') return verdict
  if (!isAscii(verdict.path.address) && mailFrom.parameters['SMTPUTF8'] !== true) {
    return refused('553 5.6.7 Address needs SMTPUTF8')
  }
  return taken < settings.maxRecipients ? verdict : refused(settings.texts.tooManyRecipients)
}
