import { once } from 'node:events'
import { Socket } from 'node:net'
import { type Duplex, duplexPair } from 'node:stream'
import { GuessLimits } from '../core/guess-limits.ts'
import { nobodyListens } from '../core/live.ts'
import type { Log } from '../core/log.ts'
import { AuthAnnouncements } from './auth-announcement.ts'
import { DeviceNames } from './device-names.ts'
import { DeviceRates } from './device-rate.ts'
import { ClientMemories } from './edge/client-memories.ts'
import { Conversation } from './edge/conversation.ts'
import type { MachineServer } from './edge/smtp-machine.ts'
import { LostReplies } from './lost-replies.ts'
import { MemoryShares } from './memory-hold.ts'
import type { SubmissionParts } from './parts.ts'
import { PopBeforeSmtp } from './pop-before-smtp.ts'
import type { Opening } from './relay-probes.ts'
import { type SessionParts, SubmissionSession } from './session.ts'
import { SessionFacts } from './session-facts.ts'
import { TakeOverWindow } from './take-over.ts'

const silent: Log = { write: () => undefined }
const script = [
  'EHLO relay-probe.invalid',
  'MAIL FROM:<probe@relay-probe.invalid>',
  'RCPT TO:<victim@relay-probe.invalid>',
  'DATA',
  'QUIT',
]

/**
 * Speaks SMTP from such an address with a session of our own that never had a socket, and leaves no trace: no log, no
 * memory, no history. It is open where DATA may begin: nothing is sent then.
 */
export async function probeByDialogue(
  submission: SubmissionParts,
  server: MachineServer,
  address: string,
): Promise<readonly Opening[]> {
  const [listener] = submission.setup().listeners
  if (!listener) return []
  const facts = new SessionFacts('relay-probe', address, submission.clock)
  const client = { address, hardware: { kind: 'unknown' } } as const
  const session = new SubmissionSession(await withoutMemory(submission), facts, client, () => listener)
  const [device, box] = duplexPair()
  const { clock } = submission
  const { hostname } = submission.setup().gateway
  const shared = { server, hostname, clock, transcript: facts.transcript, desk: session, isSecure: false }
  const raw = new Socket()
  const conversation = new Conversation(box, { raw, ...shared })
  const over = conversation.run(true)
  const replies = await heard(device, `${script.join('\r\n')}\r\n`)
  device.destroy()
  box.destroy()
  await over
  session.end()
  return /^354/m.test(replies)
    ? [{ sentence: `a session from ${address} that did not sign in may send mail to anybody` }]
    : []
}

async function heard(device: Duplex, said: string): Promise<string> {
  let replies = ''
  device.on('data', (octets: Buffer) => {
    replies += octets.toString('latin1')
    // Answered in DATA, or to its end.
    if (/^354/m.test(replies)) device.end()
  })
  const ended = once(device, 'end')
  device.write(said)
  await ended
  return replies
}

/** A take-over window lets strangers in on purpose, and only to wait: here there is none. */
const noWindow = {
  takeOver: () => Promise.resolve(undefined),
  setTakeOver: () => Promise.resolve(),
  unadopted: () => Promise.resolve([]),
}

/** What a session keeps beyond its own end goes nowhere. */
async function withoutMemory(submission: SubmissionParts): Promise<SessionParts> {
  const { clock, spool } = submission
  const takeOver = await TakeOverWindow.restore({ clock, spool: noWindow })
  return {
    submission: { ...submission, takeOver, log: silent, live: nobodyListens },
    memories: new ClientMemories({ rememberClients: () => Promise.resolve() }, clock, []),
    guesses: new GuessLimits(clock),
    names: new DeviceNames(),
    rates: new DeviceRates(clock, [], () => undefined),
    lostReplies: new LostReplies(spool, clock, silent, []),
    announcements: new AuthAnnouncements(),
    pop: new PopBeforeSmtp(clock),
    shares: new MemoryShares(),
    sightings: { saw: () => undefined },
    traits: { saw: () => undefined, needs: () => false },
  }
}
