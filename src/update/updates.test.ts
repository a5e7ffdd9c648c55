import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { until } from '../../test/gateway-process.ts'
import { bundleOf, PlayedSlots } from '../../test/update/played-slots.ts'
import type { Alert } from '../core/alerts.ts'
import { bundlePlace } from '../core/machine-update.ts'
import { day, hour, minute, wallMs } from '../core/time.ts'
import type { UpdateState } from '../core/update-operations.ts'
import { BundlePlace } from './bundle-place.ts'
import type { OpenedUrl, UrlWish } from './ports.ts'
import { RecordFile, recordPath } from './record-file.ts'
import { Updates } from './updates.ts'

const evening = wallMs(Date.UTC(2026, 10, 29, 20))
const octets = Buffer.alloc(10_000, 'bundle')

let folder = ''
let slots: PlayedSlots
let clock: JumpingClock
let box: Box

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inkpost-updates-'))
  slots = new PlayedSlots(join(folder, bundlePlace.folder, bundlePlace.file))
  clock = new JumpingClock(evening)
  box = new Box('1.0.0')
})
afterEach(async () => {
  await box.stop()
  rmSync(folder, { recursive: true })
})

/** A gateway as far as updates see it; another one after a restart. */
class Box {
  readonly updates: Updates
  readonly alerts = new Map<string, Alert>()
  readonly audit: string[] = []
  readonly urls: UrlWish[] = []
  setup = { url: '', window: '02:00-04:00', automatic: false, caFile: '', timezone: 'UTC' }
  trouble = ''
  free = 1e12
  answer: (wish: UrlWish) => OpenedUrl = () => ({ kind: 'failed', detail: 'nothing there', mayPass: false })
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>

  constructor(running: string, change: Partial<Pick<Box, 'setup' | 'answer' | 'trouble'>> = {}) {
    Object.assign(this, change)
    this.updates = new Updates({
      machine: slots.machine,
      clock,
      log: { write() {} },
      alerts: {
        raise: (alert) => void this.alerts.set(alert.key, alert),
        clear: (key) => void this.alerts.delete(key),
        active: () => [],
      },
      place: new BundlePlace(folder, () => this.free),
      file: new RecordFile(folder),
      signal: this.#stopping.signal,
      setup: () => this.setup,
      running,
      schemas: { spool: 10, settings: 7 },
      open: async (wish) => {
        this.urls.push(wish)
        return this.answer(wish)
      },
      troubles: async () => [troubleOf(this.trouble)].filter(({ sentence }) => sentence !== ''),
      record: (who, what) => void this.audit.push(`${who}: ${what}`),
    })
    this.#running = this.updates.run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopping'))
    await this.#running
  }

  async state(): Promise<UpdateState> {
    return (await this.updates.updates()).state
  }

  is(kind: UpdateState['kind']): Promise<UpdateState> {
    return until(`the update is ${kind}`, async () => {
      const state = await this.state()
      return state.kind === kind && state
    })
  }

  /** Lets the clock run until it is so. */
  async comesTo(kind: UpdateState['kind']): Promise<UpdateState> {
    return until(`the update comes to ${kind}`, async () => {
      const state = await this.state()
      if (state.kind === kind) return state
      await clock.jump(10_000)
      return undefined
    })
  }

  async upload(content = octets): Promise<{ readonly kind: string; readonly reason?: string }> {
    const begun = await this.updates.beginBundle(content.length, 'anna')
    if (begun.kind === 'refused') return begun
    return this.updates.uploadBundle(begun.offset, piecesOf(content.subarray(begun.offset)), 'anna')
  }
}

/** `listener fax can’t open port 26`: of the door that it names; what names none is its own key. */
const troubleOf = (sentence: string) => ({ key: /^listener \w+/.exec(sentence)?.[0] ?? 'spool', sentence })

async function* piecesOf(content: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size)
}

/** Installed, and the order to restart with it is given. */
async function ordered(): Promise<void> {
  await box.upload()
  await box.updates.installUpdate(true, 'anna')
  await box.is('installing')
  slots.installed()
  await box.comesTo('on-trial')
}

async function restarted(running: string, change?: ConstructorParameters<typeof Box>[1]): Promise<void> {
  await box.stop()
  box = new Box(running, change)
}

describe('an update', () => {
  it('is verified, waits for its window, is installed, starts, and is kept when it is healthy', async () => {
    assert.equal((await box.upload()).kind, 'done')
    assert.partialDeepStrictEqual(await box.state(), { kind: 'verified', bundle: { version: '1.1.0' } })
    assert.deepEqual(await box.updates.installUpdate(false, 'anna'), { kind: 'done' })
    await clock.jump(5 * hour)
    assert.equal((await box.state()).kind, 'waiting')
    assert.ok(!slots.asked.includes('update-install'))
    await clock.jump(1 * hour + minute)
    await box.is('installing')
    slots.percent = 40
    await until('the percentage', async () => {
      await clock.jump(2000)
      return (await box.updates.updates()).percent === 40
    })
    slots.installed()
    await box.comesTo('on-trial')
    assert.equal(slots.trial?.state, 'due')

    slots.startBy('B')
    await restarted('1.1.0')
    await clock.jump(minute)
    assert.equal(slots.trial?.state, 'running', 'nobody calls it good after a minute')
    await box.comesTo('kept')
    assert.equal(slots.trial, null)
    assert.match(box.audit.join('\n'), /from 1.0.0 to 1.1.0, kept/)
  })

  it('is shown with its slots while it is written, when the installer answers nobody', async () => {
    await box.upload()
    await box.updates.installUpdate(true, 'anna')
    await until('it is asked', async () => slots.asked.includes('update-install'))
    slots.refuses = { duty: 'update-show', reason: 'the installer is at work' }
    const { state, machine } = await box.updates.updates()
    assert.deepEqual([state.kind, machine.kind], ['installing', 'slots'])
    slots.percent = 40
    await restarted('1.0.0')
    const again = await box.updates.updates()
    assert.deepEqual([again.state.kind, again.machine], ['installing', machine])
  })

  it('begins at once on demand, whatever the hour', async () => {
    await ordered()
  })

  it('waits while the clock is not set: it knows no window', async () => {
    clock = new JumpingClock(wallMs(Date.UTC(1970, 0, 1, 3)))
    clock.believable = false
    await restarted('1.0.0')
    await box.upload()
    await box.updates.installUpdate(false, 'anna')
    await clock.jump(10 * minute)
    assert.equal((await box.state()).kind, 'waiting')
  })

  it('that does not start is told, with who runs again, and is not tried again by itself', async () => {
    await ordered()
    slots.startBy('A')
    await restarted('1.0.0')
    assert.partialDeepStrictEqual(await box.is('rolled-back'), { version: '1.1.0', reason: 'did-not-start' })
    assert.equal(
      box.alerts.get('update-undone')?.sentence,
      'The update to 1.1.0 did not work: it did not start; this box runs 1.0.0 again, nothing was lost.',
    )
  })

  it('that is not healthy is not kept, and the one of before says what was wrong', async () => {
    await ordered()
    slots.startBy('B')
    await restarted('1.1.0', { trouble: 'the spool can’t be written' })
    await clock.jump(15 * minute)
    await until('its trouble is on the disk', async () => {
      const state = await box.state()
      return state.kind === 'on-trial' && state.trouble !== ''
    })
    assert.ok(!slots.asked.includes('update-keep'))
    // What the timer of the machine does (appliance/machine/update-trial.ts).
    slots.trial = { version: '1.1.0', slot: 'B', state: 'failed', reason: 'not-healthy' }
    slots.booted = 'A'
    await restarted('1.0.0')
    await box.is('rolled-back')
    assert.match(
      box.alerts.get('update-undone')?.sentence ?? '',
      /\(the spool can’t be written\); this box runs 1.0.0/,
    )
  })

  it('that finds wrong what was wrong before is kept; what is wrong since is its own', async () => {
    box.trouble = 'listener fax can’t open port 26: there is no such address'
    await ordered()
    slots.startBy('B')
    await restarted('1.1.0', { trouble: 'listener mail can’t open port 25: in use' })
    await until('it is seen', async () => {
      await clock.jump(10_000)
      const state = await box.state()
      return state.kind === 'on-trial' && state.trouble.startsWith('listener mail')
    })
    await restarted('1.1.0', { trouble: 'listener fax can’t open port 26: there is no such address' })
    await box.comesTo('kept')
  })

  it('that says what was wrong before in other words is kept', async () => {
    box.trouble = 'listener fax can’t open port 26: EADDRINUSE'
    await ordered()
    slots.startBy('B')
    await restarted('1.1.0', { trouble: 'listener fax is shut: another program has its port' })
    await box.comesTo('kept')
  })

  it('that was ordered by an earlier release, which kept sentences alone, is kept', async () => {
    await ordered()
    await box.stop()
    const record = JSON.parse(readFileSync(recordPath(folder), 'utf8'))
    record.state.known = ['listener fax can’t open port 26: in use']
    writeFileSync(recordPath(folder), JSON.stringify(record))
    slots.startBy('B')
    box = new Box('1.1.0', { trouble: 'listener fax can’t open port 26: in use' })
    await box.comesTo('kept')
  })

  it('that is left by hand for one that finds wrong what was wrong before is not come back to', async () => {
    const shut = 'listener fax can’t open port 26: there is no such address'
    await ordered()
    slots.startBy('B')
    await restarted('1.1.0')
    await box.comesTo('kept')
    box.trouble = shut
    assert.deepEqual(await box.updates.rollBackUpdate('anna'), { kind: 'done' })
    slots.startBy('A')
    await restarted('1.0.0', { trouble: shut })
    assert.partialDeepStrictEqual(await box.comesTo('kept'), { version: '1.0.0' })
  })

  it('that was interrupted by a trouble is healthy only when it lasts', async () => {
    await ordered()
    slots.startBy('B')
    await restarted('1.1.0')
    await clock.jump(2 * minute)
    box.trouble = 'a listener is deaf'
    await until('it is seen', async () => {
      await clock.jump(10_000)
      const state = await box.state()
      return state.kind === 'on-trial' && state.trouble !== ''
    })
    box.trouble = ''
    await clock.jump(2 * minute)
    assert.ok(!slots.asked.includes('update-keep'))
    await box.comesTo('kept')
  })

  it('goes on where a power cut broke its installation off, and is given up the third time', async () => {
    await box.upload()
    await box.updates.installUpdate(true, 'anna')
    for (let cut = 0; cut < 3; cut += 1) {
      await box.is('installing')
      slots.powerCut()
      await restarted('1.0.0')
      await clock.jump(3000)
    }
    assert.partialDeepStrictEqual(await box.is('failed'), {
      sentence: 'its installation was broken off three times',
    })
    assert.equal(slots.asked.filter((duty) => duty === 'update-install').length, 3)
  })

  it('tells what the installer says, and changes nothing', async () => {
    await box.upload()
    await box.updates.installUpdate(true, 'anna')
    await box.is('installing')
    slots.error = 'the bundle was changed after it was signed, or is damaged'
    slots.powerCut()
    await box.comesTo('failed')
    assert.match(
      box.alerts.get('update-failed')?.sentence ?? '',
      /was changed after it was signed.*Nothing was changed/,
    )
    assert.equal(slots.trial, null)
  })

  it('is refused where this version could not come back to its mail', async () => {
    slots.bundle = bundleOf('2.0.0', 11)
    assert.match(
      (await box.upload()).reason ?? '',
      /2.0.0 changes what is stored here so that 1.0.0 could not go on/,
    )
    slots.bundle = { ...bundleOf('1.1.0'), schemas: null }
    assert.match((await box.upload()).reason ?? '', /does not say what it does to the mail/)
    slots.bundle = bundleOf('1.0.0')
    assert.match((await box.upload()).reason ?? '', /runs 1.0.0 already/)
    slots.bundle = 'the bundle is not signed by a key that this box trusts'
    assert.match((await box.upload()).reason ?? '', /not signed by a key/)
    assert.equal((await box.state()).kind, 'failed')
  })

  it('goes back to the version of before, which is on trial then', async () => {
    slots.versions.B = '0.9.0'
    assert.deepEqual(await box.updates.rollBackUpdate('anna'), { kind: 'done' })
    assert.partialDeepStrictEqual(await box.state(), { kind: 'on-trial', version: '0.9.0', slot: 'B' })
    slots.startBy('B')
    await restarted('0.9.0')
    await box.comesTo('kept')
  })

  it('whose power went before the machine was asked to restart is started in the next window', async () => {
    slots.versions.B = '1.1.0'
    const state = { kind: 'on-trial', version: '1.1.0', slot: 'B', before: '1.0.0', trouble: '' } as const
    new RecordFile(folder).write({ state })
    // Of an older one, in the same slot.
    slots.trial = { version: '1.0.5', slot: 'B', state: 'failed', reason: 'not-healthy' }
    await restarted('1.0.0')
    await box.is('restart-due')
    assert.equal(box.alerts.has('update-undone'), false)
    await clock.jump(6 * hour)
    await box.comesTo('on-trial')
    await until('it is asked', async () => slots.trial?.state === 'due')
    assert.equal(slots.trial?.version, '1.1.0')
  })

  it('is on trial also where the machine went down before it could say so', async () => {
    slots.goesDownBy = 'update-try'
    await ordered()
    await until('it is asked', async () => slots.trial?.state === 'due')
    slots.startBy('B')
    await restarted('1.1.0')
    await box.comesTo('kept')
  })

  it('that the machine does not start comes to nothing', async () => {
    await box.upload()
    await box.updates.installUpdate(false, 'anna')
    slots.refuses = { duty: 'update-try', reason: "the slot can't be marked active" }
    await clock.jump(6 * hour + minute)
    await box.is('installing')
    slots.installed()
    assert.partialDeepStrictEqual(await box.comesTo('failed'), {
      sentence: "the slot can't be marked active",
    })
  })

  it('that was given up is not kept, whatever its gateway says', async () => {
    await ordered()
    slots.startBy('B')
    slots.trial = { version: '1.1.0', slot: 'B', state: 'failed', reason: 'not-healthy' }
    await restarted('1.1.0')
    slots.asked.length = 0
    await until('it looked for more than three minutes', async () => {
      await clock.jump(10_000)
      return slots.asked.length > 30
    })
    assert.ok(!slots.asked.includes('update-keep'))
    assert.equal((await box.state()).kind, 'on-trial')
    slots.startBy('A')
    await restarted('1.0.0')
    assert.partialDeepStrictEqual(await box.is('rolled-back'), { reason: 'not-healthy' })
  })

  it('that was kept and does not start any more is told by the one of before', async () => {
    await ordered()
    slots.startBy('B')
    await restarted('1.1.0')
    await box.comesTo('kept')
    slots.startBy('A')
    await restarted('1.0.0')
    assert.partialDeepStrictEqual(await box.is('rolled-back'), { version: '1.1.0', reason: 'did-not-start' })
    assert.match(box.alerts.get('update-undone')?.sentence ?? '', /1.1.0 did not work: it did not start/)
  })

  it('does not go back while a bundle is fetched: nobody would judge the trial', async () => {
    slots.versions.B = '0.9.0'
    await box.updates.beginBundle(octets.length, 'anna')
    assert.deepEqual(await box.updates.rollBackUpdate('anna'), {
      kind: 'refused',
      reason: 'a bundle is being fetched: cancel that first',
    })
    assert.equal((await box.state()).kind, 'fetching')
  })

  it('goes on where its record is damaged', async () => {
    await box.upload()
    await box.stop()
    writeFileSync(recordPath(folder), '{"state":')
    await restarted('1.0.0')
    assert.equal((await box.state()).kind, 'none')
    assert.equal((await box.upload()).kind, 'done')
  })

  it('is nothing to a machine without slots', async () => {
    slots.trouble = 'this machine has no slots to update'
    assert.match((await box.upload()).reason ?? '', /no slots/)
    assert.deepEqual((await box.updates.updates()).machine, { kind: 'none', reason: slots.trouble })
  })
})

describe('an upload', () => {
  it('goes on where it ended, also after a restart', async () => {
    await box.updates.beginBundle(octets.length, 'anna')
    await box.updates.uploadBundle(0, piecesOf(octets.subarray(0, 4000)), 'anna')
    await restarted('1.0.0')
    assert.equal((await box.updates.updates()).percent, 40)
    assert.deepEqual(await box.updates.beginBundle(octets.length, 'anna'), { kind: 'done', offset: 4000 })
    const wrong = await box.updates.uploadBundle(3000, piecesOf(octets.subarray(3000)), 'anna')
    assert.deepEqual(wrong, { kind: 'refused', reason: '4000 octets are there: go on with those' })
    assert.equal((await box.upload()).kind, 'done')
    assert.equal((await box.state()).kind, 'verified')
  })

  it('whose power went when it was whole is verified by who goes on with it', async () => {
    await box.updates.beginBundle(octets.length, 'anna')
    await new BundlePlace(folder).append(0, piecesOf(octets), octets.length)
    await restarted('1.0.0')
    const begun = await box.updates.beginBundle(octets.length, 'anna')
    assert.deepEqual(begun, { kind: 'done', offset: octets.length })
    assert.equal((await box.state()).kind, 'verified')
  })

  it('has its room beside mail, and its length', async () => {
    box.free = 200e6 + 9999
    assert.match((await box.upload()).reason ?? '', /there is no room for it: 10 KB are needed/)
    box.free = 1e12
    const tooLarge = await box.updates.beginBundle(1e9 + 1, 'anna')
    assert.match(tooLarge.kind === 'refused' ? tooLarge.reason : '', /larger than a bundle may be/)
    await box.updates.beginBundle(100, 'anna')
    const longer = await box.updates.uploadBundle(0, piecesOf(octets), 'anna')
    assert.deepEqual(longer, { kind: 'refused', reason: 'it is longer than the 100 octets that were said' })
  })

  it('is given up on demand, and leaves room for another', async () => {
    await box.updates.beginBundle(octets.length, 'anna')
    assert.match((await box.updates.fetchUpdate({ kind: 'url', url: undefined }, 'bob')).kind, /refused/)
    assert.deepEqual(await box.updates.cancelUpdate('anna'), { kind: 'done' })
    assert.equal((await box.state()).kind, 'none')
    assert.equal((await box.updates.cancelUpdate('anna')).kind, 'refused')
  })
})

describe('a stick', () => {
  it('is read piece by piece', async () => {
    slots.stick = octets
    const from = { kind: 'stick', storage: 'sda1', file: 'inkpost-1.1.0.raucb' } as const
    assert.deepEqual(await box.updates.fetchUpdate(from, 'anna'), { kind: 'done' })
    await box.is('verified')
    assert.equal(slots.asked.filter((duty) => duty === 'update-stick-read').length, 11)
    const other = await box.updates.fetchUpdate({ ...from, file: 'other.raucb' }, 'anna')
    assert.deepEqual(other, { kind: 'refused', reason: 'other.raucb is not on sda1' })
  })
})

describe('an index', () => {
  const indexUrl = 'https://updates.contoso.com/latest.json'
  const index = (version: string): OpenedUrl => whole(JSON.stringify({ version, file: 'b.raucb' }))
  const whole = (text: string | Buffer): OpenedUrl => ({
    kind: 'open',
    offset: 0,
    octets: Buffer.byteLength(text),
    etag: '"1"',
    body: piecesOf(Buffer.from(text)),
  })
  const answer =
    (version: string) =>
    ({ url }: UrlWish): OpenedUrl =>
      url === indexUrl ? index(version) : whole(octets)
  const setup = { url: indexUrl, window: '02:00-04:00', automatic: true, caFile: '', timezone: 'UTC' }

  it('that names something newer is told once a day, and installed by itself where that is wanted', async () => {
    await restarted('1.0.0', { setup: { ...setup, automatic: false }, answer: answer('1.1.0') })
    await until('it is told', async () => box.alerts.has('update-available'))
    assert.equal((await box.state()).kind, 'none')
    assert.equal(box.urls.length, 1)
    await restarted('1.0.0', { setup, answer: answer('1.1.0') })
    await clock.jump(day)
    await box.is('waiting')
    assert.equal(box.urls.at(-1)?.url, 'https://updates.contoso.com/b.raucb')
  })

  it('that names what was taken back is left alone', async () => {
    new RecordFile(folder).write({ givenUp: '1.1.0' })
    await restarted('1.0.0', { setup, answer: answer('1.1.0') })
    await until('it is told', async () => box.alerts.has('update-available'))
    assert.equal((await box.state()).kind, 'none')
  })

  it('does not bring back by itself what somebody left', async () => {
    slots.versions.B = '0.9.0'
    await restarted('1.0.0', { setup, answer: answer('1.0.0') })
    assert.deepEqual(await box.updates.rollBackUpdate('anna'), { kind: 'done' })
    slots.startBy('B')
    await restarted('0.9.0', { setup, answer: answer('1.0.0') })
    await box.comesTo('kept')
    await until('it is told', async () => {
      await clock.jump(hour)
      return box.alerts.has('update-available')
    })
    assert.equal((await box.state()).kind, 'kept')
  })

  const sha256 = createHash('sha256').update(octets).digest('hex')

  it('does not fetch every day what it did not take, until another file is there', async () => {
    const named = (hash: string) => whole(JSON.stringify({ version: '1.1.0', file: 'b.raucb', sha256: hash }))
    slots.bundle = 'the bundle is not signed by a key that this box trusts'
    await restarted('1.0.0', {
      setup,
      answer: ({ url }) => (url === indexUrl ? named(sha256) : whole(octets)),
    })
    await box.is('failed')
    const fetched = (): number => box.urls.filter(({ url }) => url !== indexUrl).length
    const looks = (): number => box.urls.length - fetched()
    await until('it looks again', async () => {
      await clock.jump(hour)
      return looks() > 2
    })
    assert.equal(fetched(), 1)
    box.answer = ({ url }) => (url === indexUrl ? named('ab'.repeat(32)) : whole(octets))
    await until('it fetches the other', async () => {
      await clock.jump(hour)
      return fetched() > 1
    })
  })

  const isVerifiedInTime = (): Promise<unknown> =>
    until('it is verified', async () => {
      await clock.jump(hour)
      return ['verified', 'waiting'].includes((await box.state()).kind)
    })

  it('is fetched again the next day where nobody could look at its bundle', async () => {
    const named = () => whole(JSON.stringify({ version: '1.1.0', file: 'b.raucb', sha256 }))
    slots.refuses = { duty: 'update-inspect', reason: 'the slots are not known: Timeout was reached' }
    await restarted('1.0.0', { setup, answer: ({ url }) => (url === indexUrl ? named() : whole(octets)) })
    await box.is('failed')
    slots.refuses = undefined
    await isVerifiedInTime()
  })

  it('is fetched again by another version, for which its bundle may be fit', async () => {
    const named = () => whole(JSON.stringify({ version: '1.2.0', file: 'b.raucb', sha256 }))
    const answered = { setup, answer: ({ url }: UrlWish) => (url === indexUrl ? named() : whole(octets)) }
    slots.bundle = bundleOf('1.2.0', 99)
    await restarted('1.0.0', answered)
    const held = await box.is('failed')
    assert.match(held.kind === 'failed' ? held.sentence : '', /install a version in between first/)
    slots.bundle = bundleOf('1.2.0')
    await restarted('1.1.0', answered)
    await isVerifiedInTime()
  })

  it('that an earlier release left alone for ever is looked at once more', async () => {
    const named = () => whole(JSON.stringify({ version: '1.1.0', file: 'b.raucb', sha256 }))
    await box.stop()
    mkdirSync(join(folder, bundlePlace.folder), { recursive: true })
    const state = { kind: 'failed', sentence: 'the installer is at work', at: 0 }
    const refused = `${new URL('b.raucb', indexUrl)} ${sha256}`
    writeFileSync(recordPath(folder), JSON.stringify({ state, givenUp: '', refused }))
    box = new Box('1.0.0', { setup, answer: ({ url }) => (url === indexUrl ? named() : whole(octets)) })
    await isVerifiedInTime()
  })

  it('nor what somebody took back while it was on trial', async () => {
    await ordered()
    slots.startBy('B')
    await restarted('1.1.0', { trouble: 'the console is not open' })
    await until('it runs', async () => slots.trial?.state === 'running')
    assert.deepEqual(await box.updates.rollBackUpdate('anna'), { kind: 'done' })
    slots.startBy('A')
    await restarted('1.0.0', { setup, answer: answer('1.1.0') })
    await until('it is told', async () => box.alerts.has('update-available'))
    assert.equal((await box.state()).kind, 'rolled-back')
  })

  it('is followed also where an older one was verified, and nobody installed it', async () => {
    await box.upload()
    slots.bundle = bundleOf('1.2.0')
    await restarted('1.0.0', { setup, answer: answer('1.2.0') })
    assert.partialDeepStrictEqual(await box.is('waiting'), { bundle: { version: '1.2.0' } })
  })

  it('whose connection breaks is one that can not be read', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{')
      throw new Error('reset')
    }
    const body = { ...index('1.1.0'), body: broken() }
    await restarted('1.0.0', { setup, answer: () => body })
    await until('it is noted', async () => (await box.updates.updates()).check !== undefined)
    const { check } = await box.updates.updates()
    assert.equal(check?.trouble, 'the connection broke: reset')
  })

  it('whose bundle does not say its length leaves room for mail', async () => {
    box.free = 200e6 + 5000
    box.answer = () => ({ kind: 'open', offset: 0, octets: undefined, etag: '', body: piecesOf(octets) })
    await box.updates.fetchUpdate({ kind: 'url', url: 'https://updates.contoso.com/b.raucb' }, 'anna')
    assert.match(JSON.stringify(await box.is('failed')), /than there is room for beside what mail needs/)
    assert.equal(new BundlePlace(folder).offset, 0)
  })

  it('whose bundle meets what nobody foresaw does not wait for it forever', async () => {
    box.answer = () => {
      throw new Error('no more files can be opened')
    }
    await box.updates.fetchUpdate({ kind: 'url', url: 'https://updates.contoso.com/b.raucb' }, 'anna')
    assert.partialDeepStrictEqual(await box.is('failed'), {
      sentence: 'it broke off: no more files can be opened',
    })
    assert.ok(box.alerts.has('update-failed'))
  })

  it('that nobody can read is told after a week, and once it is there again no more', async () => {
    await restarted('1.0.0', { setup })
    for (let passed = 0; passed < 6; passed += 1) {
      assert.equal(box.alerts.has('updates-not-found'), false, `after ${passed} days`)
      const looks = box.urls.length
      await until('it looks', async () => {
        if (box.urls.length > looks) return true
        await clock.jump(hour)
        return false
      })
      await clock.jump(day)
    }
    await until('it is told', async () => {
      await clock.jump(hour)
      return box.alerts.has('updates-not-found')
    })
    box.answer = answer('1.0.0')
    await until('it is over', async () => {
      await clock.jump(hour)
      return !box.alerts.has('updates-not-found')
    })
  })

  it('whose bundle breaks off goes on with the same file, and begins anew with another', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield octets.subarray(0, 4000)
      throw new Error('reset')
    }
    const open = (offset: number, etag: string, body: AsyncIterable<Uint8Array>): OpenedUrl => ({
      kind: 'open',
      offset,
      octets: octets.length,
      etag,
      body,
    })
    const answers = [
      () => open(0, '"1"', broken()),
      () => open(4000, '"1"', broken()),
      () => open(0, '"2"', piecesOf(octets)),
    ]
    box.answer = () => answers.shift()?.() ?? assert.fail('asked again')
    await box.updates.fetchUpdate({ kind: 'url', url: 'https://updates.contoso.com/b.raucb' }, 'anna')
    await box.comesTo('verified')
    assert.deepEqual(
      box.urls.map(({ offset, etag }) => [offset, etag]),
      [
        [0, ''],
        [4000, '"1"'],
        [8000, '"1"'],
      ],
    )
  })

  it('whose bundle breaks off, and has no mark by which it is known again, is not fetched for days', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield octets.subarray(0, 1000 * box.urls.length)
      throw new Error('reset')
    }
    box.answer = () => ({ kind: 'open', offset: 0, octets: octets.length, etag: '', body: broken() })
    await box.updates.fetchUpdate({ kind: 'url', url: 'https://updates.contoso.com/b.raucb' }, 'anna')
    assert.partialDeepStrictEqual(await box.comesTo('failed'), { sentence: 'the connection broke: reset' })
    assert.equal(box.urls.length, 4)
  })

  it('with a hash is held against it', async () => {
    const named = JSON.stringify({ version: '1.1.0', file: 'b.raucb', sha256: 'ab'.repeat(32) })
    const wish = { ...setup, automatic: false }
    await restarted('1.0.0', { setup: wish, answer: ({ url }) => whole(url === indexUrl ? named : octets) })
    await box.updates.fetchUpdate({ kind: 'url', url: undefined }, 'anna')
    assert.partialDeepStrictEqual(await box.is('failed'), {
      sentence: 'the bundle is not the one that the index names, or is damaged',
    })
  })
})
