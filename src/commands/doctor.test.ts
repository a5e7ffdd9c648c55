import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { diagnosisOf, type Finding } from '../core/diagnosis.ts'
import type { Operations } from '../core/operations.ts'
import { exampleMessage, exampleNow, exampleStatus, operationsDouble } from './operations-double.fixture.ts'
import { runCommandLine } from './program.ts'
import { gatewayModule, testWorld } from './test-world.fixture.ts'

const finding = (state: Finding['state'], id: string, changes: Partial<Finding> = {}): Finding => ({
  id,
  area: 'network',
  state,
  sentence: `${id} is ${state}.`,
  remedy: state === 'trouble' || state === 'attention' ? `Cure ${id}.` : '',
  evidence: [],
  ...changes,
})

const sick = [
  finding('ok', 'disk', { area: 'box' }),
  finding('not-checked', 'sign-in/acs', { area: 'service' }),
  finding('attention', 'spf/contoso.com', { area: 'domain' }),
  finding('trouble', 'egress/x:25', { evidence: ['needed for direct', '\u001b[2Jclears the screen'] }),
  finding('not-checked', 'sender/acs', { area: 'service', remedy: 'Send one.' }),
  finding('not-checked', 'sender/relay', { area: 'service', remedy: 'Send one.' }),
]

async function run(line: readonly string[], findings: readonly Finding[], answers: Partial<Operations> = {}) {
  const { operations, asked } = operationsDouble({
    doctor: async () => diagnosisOf(findings, exampleNow),
    ...answers,
  })
  const world = testWorld({
    loadGateway: async () =>
      gatewayModule({ openOffline: async () => ({ ...operations, [Symbol.asyncDispose]: async () => {} }) }),
  })
  const status = await runCommandLine(['--data', '/nowhere/at/all', 'doctor', ...line], world)
  return { status, ...world.written, asked }
}

describe('doctor', () => {
  it('says what is wrong first, what to do, and what stands behind it; exit 1', async () => {
    const { status, out, err } = await run([], sick)
    assert.equal(status, 1)
    assert.equal(err, 'inkpost: 2 things need doing\n')
    assert.equal(
      out,
      [
        'trouble      egress/x:25 is trouble.',
        '             → Cure egress/x:25.',
        '             needed for direct',
        '              [2Jclears the screen',
        'attention    spf/contoso.com is attention.',
        '             → Cure spf/contoso.com.',
        'not checked  sign-in/acs is not-checked.',
        'not checked  sender/acs, sender/relay',
        '             → Send one.',
        'ok           disk is ok.',
        '',
      ].join('\n'),
    )
  })

  it('is content where nothing needs doing', async () => {
    const { status, err } = await run([], [finding('ok', 'disk'), finding('not-checked', 'clock')])
    assert.deepEqual([status, err], [0, ''])
  })

  it('tells a script the same', async () => {
    const { status, out } = await run(['--json'], sick)
    const diagnosis = JSON.parse(out)
    assert.equal(status, 1)
    assert.equal(diagnosis.needsDoing, true)
    assert.deepEqual(diagnosis.findings[0], sick[3])
  })
})

describe('doctor --send', () => {
  const [row] = exampleMessage.recipients
  assert.ok(row)
  const came = (state: 'accepted' | 'bounced' | 'deferred', reason: string): Partial<Operations> => ({
    message: async () => ({ ...exampleMessage, recipients: [{ ...row, state, reason }] }),
    act: async () => ({ kind: 'done', count: 1 }),
  })
  const unasked = [finding('not-checked', 'sender/acs', { area: 'service' })]

  it('puts what came of the mail in the place of what could not be asked', async () => {
    const line = ['--send', 'anna@contoso.com', '--upstream', 'acs']
    const { status, out, asked } = await run(line, unasked, came('accepted', '250 taken'))
    assert.equal(status, 0)
    assert.equal(out, 'ok           acs took a test mail to anna@contoso.com: 250 taken\n')
    assert.deepEqual(
      asked.find(([method]) => method === 'sendThrough'),
      ['sendThrough', 'acs', 'anna@contoso.com'],
    )
  })

  it('goes by every way out that sends', async () => {
    const [view] = exampleStatus.upstreams
    assert.ok(view)
    const upstreams = [
      view,
      { ...view, name: 'relay' },
      { ...view, name: 'later', state: 'disabled' },
      { ...view, name: 'old', state: 'retired' },
      { ...view, name: 'box', kind: 'outbox' },
    ]
    const status = async () => ({ ...exampleStatus, upstreams })
    const { asked } = await run(['--send', 'a@contoso.com'], unasked, { ...came('accepted', ''), status })
    assert.deepEqual(
      asked.filter(([method]) => method === 'sendThrough').map(([, name]) => name),
      ['acs', 'relay'],
    )
  })

  const line = ['--send', 'anna@contoso.com', '--upstream', 'acs', '--timeout', '1s']
  const drops = (asked: readonly (readonly unknown[])[]): number =>
    asked.filter(([method, action]) => method === 'act' && action === 'drop').length

  it('fails where it was not taken', async () => {
    const { status, out, asked } = await run(line, unasked, came('bounced', '550 no'))
    assert.deepEqual([status, drops(asked)], [1, 0])
    assert.match(out, /^trouble {6}acs did not take the test mail \(bounced\): 550 no\n/)
  })

  it('leaves no mail behind that goes out hours later', async () => {
    const { status, out, asked } = await run(line, unasked, came('deferred', 'no answer'))
    assert.deepEqual([status, drops(asked)], [1, 1])
    assert.match(out, /\(deferred\): no answer\n/)
    const act = async () => ({ kind: 'refused', reason: 'it is being sent' }) as const
    const onTheWire = await run(line, unasked, { ...came('deferred', 'no answer'), act })
    assert.match(onTheWire.out, /It may still go out\./)
  })

  it('says why no mail was sent at all', async () => {
    const refusal = { sendThrough: async () => ({ kind: 'refused', reason: 'acs has no sender' }) as const }
    const { status, out } = await run(['--send', 'a@contoso.com', '--upstream', 'acs'], [], refusal)
    assert.equal(status, 1)
    assert.match(out, /^trouble {6}No test mail was sent: acs has no sender\./)
  })

  it('is what --upstream is for', async () => {
    const { status, err } = await run(['--upstream', 'acs'], [])
    assert.deepEqual([status, err], [2, 'inkpost: --upstream says by which way out --send ADDRESS goes\n'])
  })
})
