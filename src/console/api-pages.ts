import type { Operations } from '../core/operations.ts'
import { openStates } from '../core/outcome.ts'
import type { MailSearch } from '../core/queue-operations.ts'
import { type SettingsTable, settingsTables } from '../core/setup-operations.ts'
import { answerDone, answerFound, errorAnswer, jsonAnswer } from './answers.ts'
import { BadRequest, readFields, readLimit, whoOf } from './request-fields.ts'
import { type Asked, type Route, route } from './router.ts'

/** What the pages Home, Devices, Queue, Message, Upstreams and the settings ask and do. */
export const pageRoutes = (operations: Operations): readonly Route[] => [
  route('GET', '/home', async () => jsonAnswer(await operations.home())),
  ...deviceRoutes(operations),
  ...mailRoutes(operations),
  ...setupRoutes(operations),
]

const deviceRoutes = (operations: Operations): readonly Route[] => [
  route('GET', '/devices/:name/sheet', async ({ parameter }) =>
    answerDone(await operations.deviceSheet(parameter('name'))),
  ),
  route('GET', '/devices/:name/history', async ({ parameter }) =>
    answerDone(await operations.deviceHistory(parameter('name'))),
  ),
  route('PUT', '/devices/:name/settings', async (asked) => {
    const fields = await readFields(asked)
    const [change, revision] = [fields.table('change'), fields.optionalNumber('revision')]
    return answerDone(await operations.editDevice(asked.parameter('name'), change, whoOf(asked), revision))
  }),
  route('POST', '/devices/:name/limit', async (asked) => {
    const fields = await readFields(asked)
    const [perHour, until] = [fields.number('perHour'), fields.optionalText('until')]
    return answerDone(await operations.raiseLimit(asked.parameter('name'), perHour, until, whoOf(asked)))
  }),
  route('POST', '/devices/:name/replace', async (asked) =>
    answerDone(await operations.replaceDevice(asked.parameter('name'), whoOf(asked))),
  ),
  route('POST', '/devices/:name/print-card', async (asked) => {
    const address = (await readFields(asked)).optionalText('address')
    return answerDone(await operations.printCard(asked.parameter('name'), address, whoOf(asked)))
  }),
  route('GET', '/addresses', async () => jsonAnswer(await operations.boxAddresses())),
  route('PUT', '/addresses/:address', async (asked) => {
    const isReserved = (await readFields(asked)).flag('isReserved')
    return answerDone(await operations.confirmAddress(asked.parameter('address'), isReserved, whoOf(asked)))
  }),
]

const mailRoutes = (operations: Operations): readonly Route[] => [
  route('GET', '/search', async (asked) => answerDone(await operations.search(mailSearch(asked)))),
  route('GET', '/messages/:id/story', async ({ parameter }) => {
    const id = parameter('id')
    return answerFound(await operations.story(id), `message ${id}`)
  }),
  route('POST', '/queue/drop', async (asked) => {
    const selector = (await readFields(asked)).text('selector')
    return answerDone(await operations.drop(selector, whoOf(asked)))
  }),
  route('POST', '/queue/undo-drop', async (asked) => {
    const selector = (await readFields(asked)).text('selector')
    return answerDone(await operations.undoDrop(selector, whoOf(asked)))
  }),
]

const setupRoutes = (operations: Operations): readonly Route[] => [
  route('GET', '/upstreams/:name', async ({ parameter }) =>
    answerDone(await operations.upstreamSheet(parameter('name'))),
  ),
  route('PUT', '/upstreams/:name/settings', async (asked) => {
    const fields = await readFields(asked)
    const [change, revision] = [fields.table('change'), fields.optionalNumber('revision')]
    return answerDone(await operations.editUpstream(asked.parameter('name'), change, whoOf(asked), revision))
  }),
  route('POST', '/upstreams', async (asked) => {
    const fields = await readFields(asked)
    const [row, revision] = [fields.table('row'), fields.optionalNumber('revision')]
    return answerDone(await operations.addUpstream(row, whoOf(asked), revision))
  }),
  route('DELETE', '/upstreams/:name', async (asked) => {
    const revision = asked.query.get('revision') ?? undefined
    const number = revision === undefined ? undefined : Number(revision)
    return answerDone(await operations.removeUpstream(asked.parameter('name'), whoOf(asked), number))
  }),
  route('GET', '/settings', async () => jsonAnswer(await operations.settingsSheet())),
  route('PUT', '/settings/:table', async (asked) => {
    const table = asked.parameter('table')
    if (!isTable(table)) return errorAnswer(`there is no table ${table} of settings`, 404)
    const fields = await readFields(asked)
    const [change, revision] = [fields.table('change'), fields.optionalNumber('revision')]
    return answerDone(await operations.editSettings(table, change, whoOf(asked), revision))
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
