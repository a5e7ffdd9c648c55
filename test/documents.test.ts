// docs/reference.md against the code: what has a name outside stands there with its default, and nothing else does.
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { operationsDouble } from '../src/commands/operations-double.fixture.ts'
import { runCommandLine } from '../src/commands/program.ts'
import { testWorld } from '../src/commands/test-world.fixture.ts'
import { controlSite } from '../src/console/api.ts'
import { consolePorts } from '../src/console/console-ports.fixture.ts'
import { comingIn } from '../src/console/console-site.ts'
import { Entrance } from '../src/console/entrance.ts'
import { replies } from '../src/core/reply.ts'
import { retryWaits } from '../src/core/retry-schedule.ts'
import { hour, minute, wallMs } from '../src/core/time.ts'
import { verdictCodes } from '../src/core/verdict.ts'
import { byHand, outage } from '../src/delivery/pauses.ts'
import { calmMachine } from '../src/health/doctor/facts.fixture.ts'
import { metricsText } from '../src/health/metrics.ts'
import { parseDocument } from '../src/settings/parse.ts'
import { upstreamKinds } from '../src/settings/schema.ts'
import { azureDomainQuota, kindFacts } from '../src/settings/upstream-kinds.ts'
import { withStatus } from '../src/submission/edge/machine-replies.ts'
import { commandQuirks, orderQuirks } from '../src/submission/edge/quirks.ts'
import { graphVerdicts } from '../src/upstream/graph-outcome.ts'
import { pauseSentences } from '../src/upstream/pause-reasons.ts'
import { codes, Page } from './reference-page.ts'
import { reservedTables, schemaTables } from './schema-keys.ts'

const root = resolve(import.meta.dirname, '..')
const page = new Page(join(root, 'docs/reference.md'))
const firstCodes = (...titles: readonly string[]) =>
  page.rows(...titles).flatMap((row) => codes(row.cells[0] ?? ''))

describe('the reference: setup document', () => {
  for (const [heading, keys] of schemaTables()) {
    // Kinds of upstreams stand in a table of their own before the keys.
    const rows = page.rows(heading).filter((row) => row.cell('key') !== '')

    it(`${heading} has every key and no other`, () => {
      const told = rows.flatMap((row) => codes(row.cell('key')))
      assert.deepEqual(told.toSorted(), keys.map(({ name }) => name).toSorted())
    })

    it(`${heading} has the defaults of the schema`, () => {
      for (const key of keys) {
        const told = rows.find((row) => codes(row.cell('key')).includes(key.name))?.cell('default') ?? ''
        if (key.default !== undefined) assert.deepEqual(codes(told), [key.default], key.name)
        assert.equal(told.includes('*required*'), key.isRequired, key.name)
      }
    })
  }

  it('names the reserved tables and every kind of upstream', () => {
    for (const name of reservedTables()) assert.match(page.text('Top level'), new RegExp(`\`\\[${name}\\]\``))
    const kinds = page.rows('[[upstream]]').flatMap((row) => codes(row.cell('kind')))
    assert.deepEqual(kinds.toSorted(), [...upstreamKinds].toSorted())
  })
})

const commandTables = ['Running', 'Settings', 'Mail', 'Looking back'] as const

describe('the reference: commands', () => {
  it('has every command and no other', async () => {
    const told = firstCodes(...commandTables).map(commandOf)
    assert.deepEqual(told.toSorted(), (await commands()).toSorted())
  })

  it('has every option of a command beside it', async () => {
    for (const command of await commands()) {
      if (command === 'help') continue
      const row = page.rows(...commandTables).find((each) => commandOf(codes(each.text)[0] ?? '') === command)
      for (const option of optionsOf(await help(command.split(' ')))) {
        assert.ok(row?.text.includes(`\`${option}`), `${command} ${option}`)
      }
    }
    for (const option of optionsOf(await help([])))
      assert.ok(page.text('Commands').includes(`\`${option}`), option)
  })
})

const commandOf = (code: string): string => code.replace(/ [A-Z].*$/, '')

async function help(command: readonly string[]): Promise<string> {
  const world = testWorld()
  assert.equal(await runCommandLine([...command, '--help'], world), 0)
  return world.written.out
}

async function commands(): Promise<readonly string[]> {
  // `help --help` is the help of the program.
  const below = async (name: string) => (name === 'help' ? [] : subcommandsOf(await help([name])))
  const names = subcommandsOf(await help([]))
  const found = await Promise.all(
    names.map(async (name) => {
      const subs = await below(name)
      return subs.length === 0 ? [name] : subs.filter((sub) => sub !== 'help').map((sub) => `${name} ${sub}`)
    }),
  )
  return found.flat()
}

const subcommandsOf = (text: string): readonly string[] => {
  const [, list = ''] = text.split('\nCommands:\n')
  return [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name = '']) => name)
}

const optionsOf = (text: string): readonly string[] =>
  [...(text.split('\nGlobal Options:')[0] ?? '').matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)]
    .map(([, name = '']) => name)
    .filter((name) => name !== '--help')

describe('the reference: what is seen from outside', () => {
  it('has every reply of ours with its text', () => {
    const rows = page.rows('SMTP replies').map(({ text }) => text)
    for (const { code, status, text } of Object.values(replies)) {
      assert.ok(
        rows.some((row) => row.includes(`\`${code} ${status}\` | ${text} |`)),
        `${code} ${status} ${text}`,
      )
    }
  })

  it('has every verdict with its sentence and no other', () => {
    const told = page.rows('Verdicts').map(({ cells }) => cells)
    const verdicts = Object.entries(verdictCodes).map(([code, { state, sentence, isFault }]) => [
      `\`${code}\``,
      state,
      isFault || code === 'F6' ? sentence : `${sentence} Nothing to do.`,
    ])
    assert.deepEqual(told, verdicts)
  })

  it('has a reply that a printer can show, ending in its code', () => {
    for (const { text, verdict } of Object.values(replies)) {
      assert.ok(text.length <= 40, text)
      assert.ok(text.endsWith(` ${verdict}`), text)
    }
  })

  it('has every reply that stands in the place of the library’s', () => {
    const unknown = 'a text of the library'
    for (let code = 200; code < 600; code++) {
      const text = withStatus(code, unknown, false)
      const [status = ''] = text.split(' ')
      if (!text.endsWith(unknown))
        assert.ok(firstCodes('SMTP replies').includes(`${code} ${status}`), `${code} ${text}`)
    }
  })

  it('has every metric with its type and labels', () => {
    const told = page
      .rows('Metrics')
      .map((row) => [codes(row.cell('name'))[0], row.cell('type'), codes(row.cell('labels'))])
    assert.deepEqual(told, metrics())
  })

  it('has every event of the log and no other', () => {
    const events = sources().flatMap((text) =>
      [...text.matchAll(/log\s*\.write\(([^{)]*)/g)].flatMap(eventsIn),
    )
    assert.ok(events.length > 30, 'events are not found any more')
    assert.deepEqual(firstCodes('Log events').toSorted(), [...new Set(events)].toSorted())
  })

  it('has every route of the control socket', () => {
    const site = controlSite(operationsDouble().operations, { write: () => undefined })
    const routes = site.routes.map(({ method, pattern }) => `${method} ${pattern.replace('/api/v1', '')}`)
    const told = firstCodes('HTTP').filter((code) => !/^GET \/($|healthz|readyz|metrics|ca[.-])/.test(code))
    assert.deepEqual(told.toSorted(), routes.toSorted())
  })

  it('has every route by which people come in', () => {
    const routes = comingIn(new Entrance(consolePorts())).map(({ method, pattern }) => `${method} ${pattern}`)
    assert.deepEqual(firstCodes('Signing in').toSorted(), routes.toSorted())
  })

  it('has every variable of the environment', () => {
    const names = new Set(sources().flatMap((text) => text.match(/\bINKPOST_(?!BUILD)[A-Z]+/g) ?? []))
    for (const name of names) assert.ok(firstCodes('Environment').includes(name), name)
  })

  it('has the presets of quotas', () => {
    const rows = page.rows('Quota presets')
    const azureDomain = rows.find((row) => row.text.includes('azurecomm.net'))
    assert.deepEqual(azureDomain?.cells.slice(1), presetCells(azureDomainQuota))
    for (const kind of upstreamKinds) {
      const row = rows.find((each) => each.cells[0]?.split(', ').includes(kind)) ?? rows.at(-1)
      assert.deepEqual(row?.cells.slice(1), presetCells(kindFacts[kind].quota), kind)
    }
  })

  it('has the waits between attempts', () => {
    const minutes = retryWaits.filter((wait) => wait < hour).map((wait) => wait / minute)
    const hours = retryWaits.filter((wait) => wait >= hour).map((wait) => wait / hour)
    const last = hours.pop()
    const sentence = `${minutes.join(', ')} min, ${hours.join(', ')} h, then every ${last} h`
    assert.ok(page.text('Waits').includes(sentence), sentence)
  })
})

const presetCells = (quota: (typeof kindFacts)['graph']['quota']): readonly string[] =>
  [quota.perMinute, quota.perHour, quota.recipientsPerDay, quota.queriesPerMinute, quota.queriesPerHour].map(
    (amount) => String(amount ?? ''),
  )

/** The program's own sources, without tests and what serves them. */
const sources = (): readonly string[] =>
  globSync(join(root, 'src/**/*.ts'))
    .filter((file) => !/\.test\.ts$|fixture|double|example-/.test(file))
    .map((file) => readFileSync(file, 'utf8'))

const levels = ['debug', 'info', 'warn', 'error']

/** `'warn', 'disk-full', ` and `before ? 'alert-renewed' : 'alert-raised', `: what is compared with is no event. */
const eventsIn = ([, call = '']: RegExpMatchArray): readonly string[] =>
  [...call.replace(/=== '[a-z]+'/g, '').matchAll(/'([a-z-]+)'/g)]
    .map(([, word = '']) => word)
    .filter((word) => !levels.includes(word))

/** Name, type and labels of each family, from measurements that give every family a sample. */
function metrics(): readonly (readonly [string, string, readonly string[]])[] {
  const upstream = { name: 'acs', kind: 'acs-email', state: 'ready', reason: '', remedy: '', inFlight: 0 }
  const calm = { byOperator: false, forecast: { kind: 'nothing-waits' } } as const
  const quota = [
    { window: 'messages in 1 min', windowMs: 60_000, of: 'messages', limit: 30, left: 12 } as const,
  ]
  const text = metricsText({
    version: '1',
    messagesAccepted: 1,
    messagesRefused: new Map([['552', 1]]),
    attempts: new Map([['acs accepted', 1]]),
    repeatedParts: 1,
    reports: new Map([['acs delivered', 1]]),
    queue: { byState: { queued: 1 }, oldestOpen: wallMs(0), waitingByUpstream: {}, bytes: 1 },
    upstreams: [{ ...upstream, ...calm, waiting: 0, nextTryInMs: undefined, quota }],
    listeners: [{ name: 'submission', trouble: '' }],
    alerts: [{ key: 'vault-locked', severity: 'alarm' }],
    diskFreeBytes: 1,
    memoryBudgetUsedBytes: 1,
    residentBytes: 1,
    sessionsOpen: 1,
    machine: calmMachine,
    now: 1,
  })
  return [...text.matchAll(/# TYPE (\S+) (\S+)\n\S*?(?:\{(.*)\})? \S+\n/g)].map(
    ([, name = '', type = '', labels = '']) => [
      name,
      type,
      [...labels.matchAll(/([a-z]+)="/g)].map(([, label = '']) => label),
    ],
  )
}

describe('the page of devices', () => {
  it('has every quirk of the table and no other', () => {
    const devices = new Page(join(root, 'docs/devices.md'))
    const told = devices.rows('Commands').map(({ cells }) => cells.map((cell) => cell.replaceAll('`', '')))
    const quirks = [...commandQuirks, ...orderQuirks].map(({ name, says, means, who, source }) => [
      name,
      says,
      means,
      who,
      source,
    ])
    assert.deepEqual(told, quirks)
  })
})

describe('the page for the person at the printer', () => {
  it('has every reason for which a way out is paused, with its remedy, and no other', () => {
    const operations = new Page(join(root, 'docs/operations.md'))
    const told = operations.rows('Why a way out is paused').map(({ cells }) => cells)
    const reasons = Object.entries(pauseSentences).map(([code, { reason, remedy }]) => ({
      code,
      reason,
      remedy,
    }))
    assert.deepEqual(
      told,
      [...reasons, outage('…'), byHand].map(({ code, reason, remedy }) => [`\`${code}\``, reason, remedy]),
    )
  })

  it('says which of them wait for `resume`', () => {
    const operations = new Page(join(root, 'docs/operations.md'))
    const [, told = ''] =
      /\. ([^.]*) wait for `resume`/.exec(operations.text('Why a way out is paused')) ?? []
    const stubborn = Object.entries(pauseSentences)
      .filter(([, sentence]) => 'isHarmedByProbes' in sentence)
      .map(([code]) => code)
    assert.deepEqual(codes(told), [...stubborn, byHand.code])
  })
})

describe('the page of ways out', () => {
  const ways = new Page(join(root, 'docs/upstreams.md'))

  it('has every kind that sends, with what it needs, loses, limits and refuses', () => {
    const sending = upstreamKinds.filter((kind) => kind !== 'outbox')
    const told = ways.rows('Ways out').flatMap((row) => codes(row.cells[0] ?? ''))
    assert.deepEqual(told.toSorted(), sending.toSorted())
    for (const kind of sending.filter((each) => each !== 'graph'))
      for (const word of ['Needs', 'Loses', 'Limits', 'Refuses'])
        assert.match(ways.text(kind), new RegExp(`^- \\*\\*${word}`, 'm'), `${kind}: ${word}`)
    const graph = ['What it needs', 'What becomes of a mail', 'Size', 'When Graph says no']
    for (const title of graph) assert.notEqual(ways.text(title), '')
  })

  it('has every code of Graph that decides something, and no other', () => {
    const rows = ways.rows('When Graph says no')
    const told = rows.flatMap((row) => codes(row.cells[0] ?? ''))
    assert.deepEqual(told.toSorted(), [...graphVerdicts.keys()].toSorted())
    for (const [code, verdict] of graphVerdicts) {
      const row = rows.find(({ cells }) => codes(cells[0] ?? '').includes(code))
      if ('stops' in verdict)
        assert.match(
          row?.cells[1] ?? '',
          new RegExp(`^the ${verdict.stops} pauses: \`${verdict.code}\``),
          code,
        )
    }
  })
})

describe('setup documents shown to people', () => {
  it('are valid', () => {
    const shown = globSync(['*.md', 'docs/*.md'], { cwd: root }).flatMap((file) => [
      ...readFileSync(join(root, file), 'utf8').matchAll(/```toml\n([^`]*)```/g),
    ])
    assert.ok(shown.length > 0, 'the README shows none any more')
    for (const [, text = ''] of shown) assert.equal(parseDocument(text).kind, 'parsed', text)
  })
})

describe('links between documents', () => {
  for (const file of globSync(['*.md', '{docs,appliance,firmware-image,web-ui,test}/**/*.md'], {
    cwd: root,
    exclude: (name) => name === 'node_modules',
  })) {
    it(`of ${file} lead somewhere`, () => {
      const text = readFileSync(join(root, file), 'utf8')
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (!/^[a-z]+:/.test(target)) assert.ok(leads(join(root, file), target), target)
      }
    })
  }
})

/** A file that is there and, behind `#`, one of its headings as GitHub names it. */
function leads(from: string, target: string): boolean {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? from : resolve(dirname(from), path)
  if (relative(root, file).startsWith('..') || !existsSync(file)) return false
  return anchor === undefined || headingsOf(readFileSync(file, 'utf8')).includes(anchor)
}

const headingsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  )
