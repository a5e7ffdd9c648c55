import { comparable } from '../core/address.ts'
import { readAnswer, type UpstreamAnswer } from '../core/setup-answer.ts'
import { checkDocument, type Parsed } from './parse.ts'
import { lean } from './print.ts'
import { error, type Problem } from './problem.ts'
import type { SetupDocument, UpstreamDocument } from './schema.ts'
import { kindFacts } from './upstream-kinds.ts'
import { upstreamOf } from './upstream-value.ts'

/** The present document with what the script's answer says of its upstreams; it goes through every rule after that. */
export function answeredDocument(document: SetupDocument, text: string): Parsed {
  const read = readAnswer(text)
  if (read.kind === 'unreadable') return refused([error('answer', read.sentence)])
  const { box, upstreams } = read.answer
  if (box !== document.gateway.name)
    return refused([
      error('answer', `is for the box ${quoted(box)}, and this one is ${quoted(document.gateway.name)}`),
    ])
  const problems = [...upstreams].flatMap(([name, answer]) => misfits(document, name, answer))
  if (problems.length > 0) return refused(problems)
  const rows = document.upstream.map((row) => {
    const answer = upstreams.get(row.name)
    return answer === undefined ? row : answered(row, answer)
  })
  return checkDocument({ ...lean(document), upstream: rows })
}

const quoted = (text: string): string => JSON.stringify(text)
const refused = (problems: readonly Problem[]): Parsed => ({ kind: 'problems', problems, rest: undefined })

/** The setup went on while somebody was at Microsoft: an answer to another question is refused, not bent. */
function misfits({ upstream: rows }: SetupDocument, name: string, answer: UpstreamAnswer): Problem[] {
  const row = rows.find((each) => each.name === name)
  if (row === undefined)
    return [error('answer', `tells of upstream ${quoted(name)}, which is not in the setup`)]
  const isEntra = row.credential.kind === 'client-certificate' || row.credential.kind === 'client-secret'
  const hasIds = answer.tenant_id !== undefined || answer.client_id !== undefined
  return hasIds && !isEntra
    ? [
        error(
          'answer',
          `has ids for upstream ${quoted(name)}, which signs in by ${row.credential.kind}: make the script anew`,
        ),
      ]
    : []
}

function answered(row: UpstreamDocument, answer: UpstreamAnswer): UpstreamDocument {
  const wasWaiting = !row.enabled && isIncomplete(row)
  const { endpoint, username, tenant_id, client_id } = answer
  const credential = {
    ...row.credential,
    ...(tenant_id !== undefined && { tenant_id }),
    ...(client_id !== undefined && { client_id }),
  }
  return {
    ...row,
    ...(endpoint !== undefined && { endpoint }),
    ...(username !== undefined && { username }),
    senders: sendersOf(row, answer),
    credential,
    // What waited for this answer is what the person wants to use; what was switched off for another reason stays off.
    ...(wasWaiting && { enabled: true }),
  }
}

/** Whether it lacks what only the service can tell, which is no error while it is switched off. */
function isIncomplete(row: UpstreamDocument): boolean {
  const { kind, endpoint, username, credential } = upstreamOf(row)
  const isEntra = credential.kind === 'client-certificate' && kind !== 'exchange-connector'
  return (
    (kindFacts[kind].speaks === 'https' && endpoint === '') ||
    (isEntra && (credential.tenantId === '' || credential.clientId === '')) ||
    (kind === 'acs-smtp' && isEntra && username === '')
  )
}

/** What Azure made is added, what it refused goes: mail of such a device takes the upstream's own sender meanwhile. */
function sendersOf(row: UpstreamDocument, { senders, refusedSenders }: UpstreamAnswer): string[] {
  const refusedHere = new Set(refusedSenders.map(comparable))
  const kept = row.senders.filter((sender) => !refusedHere.has(comparable(sender)))
  const all = [...kept, ...senders]
  return all.filter(
    (sender, index) => all.findIndex((other) => comparable(other) === comparable(sender)) === index,
  )
}
