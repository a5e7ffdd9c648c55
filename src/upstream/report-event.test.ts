import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { EventContent } from '../core/delivery-report.ts'
import { wallMs } from '../core/time.ts'
import { readEvents } from './report-event.ts'

/** As Microsoft's page shows it, with the field names that the service was seen to write. */
const event = {
  id: '00000000-0000-0000-0000-000000000000',
  topic: '/subscriptions/s/resourceGroups/g/providers/microsoft.communication/communicationservices/c',
  subject: 'sender/scanner@contoso.com/message/2f1c3a44-0000-4000-8000-000000000001',
  data: {
    sender: 'scanner@contoso.com',
    recipient: 'anna@contoso.com',
    internetMessageId: '<1@contoso.com>',
    messageId: '2F1C3A44-0000-4000-8000-000000000001',
    status: 'Bounced',
    deliveryStatusDetails: {
      statusMessage: '550 5.1.10 not found',
      recipientMailServerHostName: 'mx.contoso.com',
    },
    deliveryAttemptTimestamp: '2026-11-28T00:22:20.2855749+00:00',
  },
  eventType: 'Microsoft.Communication.EmailDeliveryReportReceived',
  dataVersion: '1.0',
  metadataVersion: '1',
  eventTime: '2026-11-28T00:22:21.822Z',
}

const report = {
  kind: 'report',
  report: {
    operationId: '2f1c3a44-0000-4000-8000-000000000001',
    recipient: 'anna@contoso.com',
    status: 'bounced',
    detail: '550 5.1.10 not found at mx.contoso.com',
    at: wallMs(Date.parse('2026-11-28T00:22:20.285Z')),
  },
}

const withData = (change: object): string => JSON.stringify({ ...event, data: { ...event.data, ...change } })
const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('an event of Event Grid', () => {
  const forms: readonly (readonly [string, string])[] = [
    ['in its own schema, in base64', base64(JSON.stringify(event))],
    ['as plain JSON', ` ${JSON.stringify(event)}\n`],
    ['in a list', JSON.stringify([event])],
    ['behind a byte order mark', base64(`\uFEFF${JSON.stringify(event)}`)],
    [
      'as CloudEvents 1.0',
      base64(
        JSON.stringify({
          specversion: '1.0',
          type: event.eventType,
          source: event.topic,
          subject: event.subject,
          id: event.id,
          time: event.eventTime,
          data: event.data,
        }),
      ),
    ],
    [
      'with the time as the documentation writes it',
      withData({
        deliveryAttemptTimestamp: undefined,
        deliveryAttemptTimeStamp: event.data.deliveryAttemptTimestamp,
      }),
    ],
  ]
  for (const [name, text] of forms) it(`is read ${name}`, () => assert.deepEqual(readEvents(text), [report]))

  it('is dated by its own time where the attempt has none', () => {
    const [content] = readEvents(withData({ deliveryAttemptTimestamp: 'soon' }))
    assert.equal(content?.kind === 'report' && content.report.at, Date.parse(event.eventTime))
  })

  const statuses: readonly (readonly [string, string])[] = [
    ['Delivered', 'delivered'],
    ['delivered', 'delivered'],
    ['Suppressed', 'suppressed'],
    ['Quarantined', 'quarantined'],
    ['FilteredSpam', 'filtered-spam'],
    ['Expanded', 'expanded'],
    ['Failed', 'failed'],
  ]
  for (const [status, expected] of statuses)
    it(`${status} is ${expected}`, () => {
      const [content] = readEvents(withData({ status }))
      assert.equal(content?.kind === 'report' && content.report.status, expected)
    })

  it('is no failure where nobody knows its status', () =>
    assert.deepEqual(readEvents(withData({ status: 'OutForDelivery' })), [
      { kind: 'other', what: 'status OutForDelivery' },
    ]))

  it('of another type is another', () =>
    assert.deepEqual(
      readEvents(
        JSON.stringify({
          ...event,
          eventType: 'Microsoft.Communication.EmailEngagementTrackingReportReceived',
        }),
      ),
      [{ kind: 'other', what: 'Microsoft.Communication.EmailEngagementTrackingReportReceived' }],
    ))

  it('keeps one printable line of what the other server said', () => {
    const [content] = readEvents(withData({ deliveryStatusDetails: `a\r\n\u0007b${'x'.repeat(5000)}` }))
    assert.ok(content?.kind === 'report')
    assert.match(content.report.detail, /^a b x*|^a bx+…$/)
    assert.equal(content.report.detail.length, 300)
  })
})

describe('what is no event', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['nothing', '', 'it is no JSON'],
    ['text', 'hello, queue', 'it is no JSON'],
    ['half an event', JSON.stringify(event).slice(0, 200), 'it is no JSON'],
    ['a number', base64('42'), 'an event is no object'],
    ['null', base64('null'), 'an event is no object'],
    ['an empty list', '[]', 'it is a list of 0'],
    ['a long list', JSON.stringify(Array(33).fill(1)), 'it is a list of 33'],
    ['something huge', `{"a":"${'x'.repeat(70_000)}"}`, 'it has 70008 characters'],
    ['no type', JSON.stringify({ data: event.data }), 'an event has no type'],
    ['a type that is no text', JSON.stringify({ eventType: 3 }), 'an event has no type'],
    ['no data', JSON.stringify({ ...event, data: undefined }), 'a report has no data'],
    ['data that is a list', JSON.stringify({ ...event, data: [] }), 'a report has no data'],
    ['no operation', withData({ messageId: undefined }), 'a report has no messageId'],
    ['an operation of a strange form', withData({ messageId: "x' OR 1=1" }), 'a report has no messageId'],
    ['no recipient', withData({ recipient: '' }), 'a report has no recipient'],
    ['a recipient without end', withData({ recipient: `a@${'b'.repeat(400)}` }), 'a report has no recipient'],
    ['no status', withData({ status: null }), 'a report has no status'],
    [
      'no time at all',
      JSON.stringify({ ...event, eventTime: '', data: { ...event.data, deliveryAttemptTimestamp: '-' } }),
      'a report has no time',
    ],
  ]
  for (const [name, text, why] of cases)
    it(`${name} is unreadable: ${why}`, () =>
      assert.deepEqual(readEvents(text), [{ kind: 'unreadable', why }]))

  it('never throws, whatever stands in the queue', () => {
    const kinds: readonly EventContent['kind'][] = ['report', 'other', 'unreadable']
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map(base64),
      fc.object().map((data) => JSON.stringify({ ...event, data })),
    )
    fc.assert(
      fc.property(anything, (text) => {
        const contents = readEvents(text)
        assert.ok(contents.length > 0 && contents.every(({ kind }) => kinds.includes(kind)))
      }),
    )
  })
})
