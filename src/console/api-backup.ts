import type { OldBoxWish, RestoreWish } from '../core/backup-operations.ts'
import type { Operations } from '../core/operations.ts'
import { answerDone, errorAnswer, jsonAnswer, tokenRefused } from './answers.ts'
import { BadRequest, Fields, readFields } from './request-fields.ts'
import { type Answer, isPerson, type Route, type Routed, route } from './router.ts'

/** Backups, nightly copies, restoring, the recovery code. Passphrases travel in bodies only: no URL or header is kept. */
export function backupRoutes(operations: Operations): readonly Route[] {
  return [
    route('GET', '/backups', 'administrator', async () => jsonAnswer(await operations.backups())),
    route('POST', '/backups', 'administrator', (asked) => make(asked, operations)),
    route('GET', '/backups/:name', 'administrator', async (asked) => {
      const name = asked.parameter('name')
      const copy = await operations.backupFile(name, asked.caller.who)
      return copy.kind === 'done' ? download(name, copy.octets) : errorAnswer(copy.reason, 404)
    }),
    route('POST', '/restore', 'administrator', (asked) => restore(asked, operations)),
    route('GET', '/storages', 'administrator', async () => answerDone(await operations.storages())),
    route('POST', '/storages/:storage/take-over', 'administrator', async (asked) => {
      // With the card come its operators.
      if (!isPerson(asked.caller)) return tokenRefused('a box is taken over')
      asked.takeTime()
      const fields = await readFields(asked)
      const wish = { ...wishOf(fields), oldBox: oldBoxOf(fields.fields('oldBox')) }
      const storage = asked.parameter('storage')
      const { caller, isStillIn } = asked
      return answerDone(await operations.takeOverStorage(storage, wish, caller.who, isStillIn))
    }),
    route('GET', '/backup-targets', 'administrator', async () =>
      jsonAnswer(await operations.backupTargets()),
    ),
    route('POST', '/backup-targets/:name/test', 'administrator', async (asked) =>
      answerDone(await operations.testBackupTarget(asked.parameter('name'), asked.caller.who)),
    ),
    route('GET', '/backup-sticks', 'administrator', async () => answerDone(await operations.sticks())),
    route('PUT', '/backup-sticks', 'administrator', async (asked) => {
      const isWanted = (await readFields(asked)).flag('isWanted')
      return answerDone(await operations.useStick(isWanted, asked.caller.who))
    }),
    route('POST', '/recovery-code', 'administrator', async (asked) =>
      answerDone(await operations.recoveryCode(asked.caller.who)),
    ),
    route('POST', '/recovery-code/confirm', 'administrator', async (asked) => {
      const part = (await readFields(asked)).text('part')
      return answerDone(await operations.confirmRecovery(part, asked.caller.who))
    }),
  ]
}

async function make(asked: Routed<never>, operations: Operations): Promise<Answer> {
  const fields = await readFields(asked)
  const wish = { withSpool: fields.flag('withSpool'), passphrase: fields.optionalText('passphrase') }
  const made = await operations.makeBackup(wish, asked.caller.who)
  return made.kind === 'done' ? download(made.name, made.octets) : answerDone(made)
}

/** The name has nothing in it that a header could not hold: a box's name is a DNS label. */
const download = (name: string, body: AsyncIterable<Uint8Array>): Answer => ({
  status: 200,
  headers: {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename="${name}"`,
  },
  body,
})

/** A line of JSON with the wish, then the file as it is: it is never in memory as a whole. */
async function restore(asked: Routed<never>, operations: Operations): Promise<Answer> {
  // With the backup come its operators.
  if (!isPerson(asked.caller)) return tokenRefused('a backup is restored')
  asked.takeTime()
  const { fields, rest, drain } = await splitBody(asked.body)
  const restored = await operations.restore(rest, wishOf(fields), asked.caller.who, asked.isStillIn)
  // Who is still sending hears no answer: browsers call it a broken connection.
  await drain()
  return answerDone(restored)
}

const wishOf = (fields: Fields): RestoreWish => ({
  secret: fields.text('secret'),
  isTrial: fields.flag('isTrial'),
  mayReplace: fields.flag('mayReplace'),
  mayPutAsideMail: fields.flag('mayPutAsideMail'),
  isWithoutSpool: fields.flag('isWithoutSpool'),
  ...optionalOldBoxOf(fields.optionalFields('oldBox')),
})

const oldBoxOf = (told: Fields): OldBoxWish => ({ mayHaveGoneOn: told.flag('mayHaveGoneOn') })
const optionalOldBoxOf = (told: Fields | undefined): Pick<RestoreWish, 'oldBox'> =>
  told ? { oldBox: oldBoxOf(told) } : {}

const longestWish = 8192

interface SplitBody {
  readonly fields: Fields
  readonly rest: AsyncIterable<Uint8Array>
  /** Reads what is left to its end, whoever stopped reading before. */
  readonly drain: () => Promise<void>
}

async function splitBody(body: AsyncIterable<Uint8Array>): Promise<SplitBody> {
  const pieces = body[Symbol.asyncIterator]()
  let head = Buffer.alloc(0)
  while (!head.includes('\n')) {
    const next = await pieces.next()
    if (next.done === true || head.length > longestWish)
      throw new BadRequest('the body begins with a line of JSON, then comes the file')
    head = Buffer.concat([head, next.value])
  }
  const end = head.indexOf('\n')
  const fields = Fields.parse(head.subarray(0, end).toString())
  const drain = async (): Promise<void> => {
    for (let next = await pieces.next(); next.done !== true; ) next = await pieces.next()
  }
  return { fields, rest: behind(head.subarray(end + 1), pieces), drain }
}

async function* behind(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}
