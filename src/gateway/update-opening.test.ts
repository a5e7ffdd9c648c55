import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import type { Machine } from '../core/machine.ts'
import { noMachine } from '../platform/machine-service.ts'
import type { ListenerStatus } from '../submission/parts.ts'
import { troublesOf } from './update-opening.ts'

const answering: Machine = { call: async () => ({ kind: 'done', answer: { duties: [] } as never }) }
const listener = (name: string, port: number, detail = ''): ListenerStatus => ({
  ...{ name, address: '127.0.0.1', port, security: 'plain', protocol: 'smtp' },
  ...{ state: detail === '' ? 'listening' : 'failed', detail },
})

describe('the health of a version on trial', () => {
  it('is good where doors answer, mail can be kept and root can be asked', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    const troubles = await troublesOf({
      submission: { listeners: () => [listener('mail', port)] },
      spool: { isWritable: async () => ({ writable: true, detail: '', freeBytes: 1e9 }) },
      machine: answering,
      consoleUrl: () => 'https://192.168.7.5/',
    })
    server.close()
    assert.deepEqual(troubles, [])
  })

  it('says what is wrong in words, and by keys that name it in every release', async () => {
    const troubles = await troublesOf({
      submission: { listeners: () => [listener('fax', 26, 'another program uses this port')] },
      spool: { isWritable: async () => ({ writable: false, detail: 'no space', freeBytes: 0 }) },
      machine: noMachine,
      consoleUrl: () => '',
    })
    assert.deepEqual(troubles, [
      { key: 'listener fax', sentence: "listener fax can't open port 26: another program uses this port" },
      { key: 'console', sentence: 'the console is not open' },
      { key: 'spool', sentence: "the spool can't be written: no space" },
      { key: 'machine', sentence: 'the machine service does not answer' },
    ])
  })
})
