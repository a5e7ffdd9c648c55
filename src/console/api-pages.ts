import type { Operations } from '../core/operations.ts'
import { openStates } from '../core/outcome.ts'
import type { MailSearch } from '../core/queue-operations.ts'
import { type SettingsTable, settingsTables } from '../core/setup-operations.ts'
import { answerDone, answerFound, errorAnswer, jsonAnswer } from './answers.ts'
import { BadRequest, readFields, readLimit, readNumber } from './request-fields.ts'
import { type Asked, isEnough, type Route, route } from './router.ts'
import { wideningOf } from './widening.ts'

/** What the pages Home, Devices, Queue, Message, Upstreams and the settings ask and do. */
export const pageRoutes = (operations: Operations): readonly Route[] => [
  route('GET', '/home', 'viewer', async () => jsonAnswer(await operations.home())),
  ...deviceRoutes(operations),
  ...mailRoutes(operations),
  ...setupRoutes(operations),
]

const deviceRoutes = (operations: Operations): readonly Route[] => [
  route('GET', '/devices/:name/sheet', 'viewer', async ({ parameter }) =>
    answerDone(await operations.deviceSheet(parameter('name'))),
  ),
  route('GET', '/devices/:name/history', 'viewer', async ({ parameter }) =>
    answerDone(await operations.deviceHistory(parameter('name'))),
  ),
  route('PUT', '/devices/:name/settings', 'technician', async (asked) => {
    const fields = await readFields(asked)
    const [change, revision] = [fields.table('change'), fields.optionalNumber('revision')]
    const name = asked.parameter('name')
    if (isEnough(asked.caller.access, 'administrator'))
      return answerDone(await operations.editDevice(name, change, asked.caller.who, revision))
    const found = await operations.deviceSheet(name)
    if (found.kind === 'refused') return answerDone(found)
    const { clock } = await operations.status()
    const widening = wideningOf(change, found.sheet, clock.wall)
    if (widening !== undefined) return errorAnswer(`this needs the role administrator: ${widening}`, 403)
    // Of what was looked at: nobody narrows it in between.
    const seen = revision ?? found.sheet.revision
    return answerDone(await operations.editDevice(name, change, asked.caller.who, seen))
  }),
  route('POST', '/devices/:name/limit', 'technician', async (asked) => {
    const fields = await readFields(asked)
    const [perHour, until] = [fields.number('perHour'), fields.optionalText('until')]
    return answerDone(await operations.raiseLimit(asked.parameter('name'), perHour, until, asked.caller.who))
  }),
  route('POST', '/devices/:name/replace', 'technician', async (asked) =>
    answerDone(await operations.replaceDevice(asked.parameter('name'), asked.caller.who)),
  ),
  route('POST', '/devices/:name/print-card', 'technician', async (asked) => {
    const address = (await readFields(asked)).optionalText('address')
    return answerDone(await operations.printCard(asked.parameter('name'), address, asked.caller.who))
  }),
  route('GET', '/addresses', 'viewer', async () => jsonAnswer(await operations.boxAddresses())),
  route('PUT', '/addresses/:address', 'technician', async (asked) => {
    const isReserved = (await readFields(asked)).flag('isReserved')
    return answerDone(
      await operations.confirmAddress(asked.parameter('address'), isReserved, asked.caller.who),
    )
  }),
]

const mailRoutes = (operations: Operations): readonly Route[] => [
  route('GET', '/search', 'viewer', async (asked) => answerDone(await operations.search(mailSearch(asked)))),
  route('GET', '/messages/:id/story', 'viewer', async ({ parameter }) => {
    const id = parameter('id')
    return answerFound(await operations.story(id), `message ${id}`)
  }),
  route('POST', '/queue/drop', 'technician', async (asked) => {
    const selector = (await readFields(asked)).text('selector')
    return answerDone(await operations.drop(selector, asked.caller.who))
  }),
  route('POST', '/queue/undo-drop', 'technician', async (asked) => {
    const selector = (await readFields(asked)).text('selector')
    return answerDone(await operations.undoDrop(selector, asked.caller.who))
  }),
]

const setupRoutes = (operations: Operations): readonly Route[] => [
  route('GET', '/upstreams/:name', 'viewer', async ({ parameter }) =>
    answerDone(await operations.upstreamSheet(parameter('name'))),
  ),
  route('PUT', '/upstreams/:name/settings', 'administrator', async (asked) => {
    const fields = await readFields(asked)
    const [change, revision] = [fields.table('change'), fields.optionalNumber('revision')]
    return answerDone(
      await operations.editUpstream(asked.parameter('name'), change, asked.caller.who, revision),
    )
  }),
  route('POST', '/upstreams', 'administrator', async (asked) => {
    const fields = await readFields(asked)
    const [row, revision] = [fields.table('row'), fields.optionalNumber('revision')]
    return answerDone(await operations.addUpstream(row, asked.caller.who, revision))
  }),
  route('DELETE', '/upstreams/:name', 'administrator', async (asked) => {
    const revision = readNumber(asked, 'revision')
    return answerDone(await operations.removeUpstream(asked.parameter('name'), asked.caller.who, revision))
  }),
  route('GET', '/settings', 'administrator', async () => jsonAnswer(await operations.settingsSheet())),
  route('PUT', '/settings/:table', 'administrator', async (asked) => {
    const table = asked.parameter('table')
    const fields = await readFields(asked)
    const [change, revision] = [fields.table('change'), fields.optionalNumber('revision')]
    if (!isTable(table)) return errorAnswer(`there is no table ${table} of settings`, 404)
    return answerDone(await operations.editSettings(table, change, asked.caller.who, revision))
  }),
]

const isTable = (name: string): name is SettingsTable => settingsTables.some((table) => table === name)

const closedStates = ['accepted', 'confirmed', 'bounced', 'expired', 'dropped'] as const
const states = [...openStates, ...closedStates]

function mailSearch(asked: Asked): MailSearch {
  const { query } = asked
  const wished = query.get('state') ?? undefined
  const state = states.find((each) => each === wished)
  if (wished !== undefined && state === undefined) throw new BadRequest(`there is no state ${wished}`)
  return {
    q: query.get('q') ?? '',
    isOpen: query.get('open') === 'true',
    device: query.get('device') ?? undefined,
    state,
    limit: readLimit(asked, 50),
    cursor: query.get('cursor') ?? undefined,
  }
}
