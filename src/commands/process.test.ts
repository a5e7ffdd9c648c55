import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { serveControl } from '../console/control-socket.ts'
import type { OpenServer } from '../console/http-server.ts'
import { exampleMessage, exampleRow, operationsDouble } from './operations-double.fixture.ts'

const main = resolve(import.meta.dirname, '../main.ts')
const { operations, asked } = operationsDouble({
  queue: async ({ limit }) => Array.from({ length: limit }, () => exampleRow),
  message: async () => ({
    ...exampleMessage,
    recipients: exampleMessage.recipients.map((row) => ({ ...row, state: isSent() ? 'accepted' : 'queued' })),
  }),
})
let looks = 0
const isSent = (): boolean => {
  looks += 1
  return looks > 1
}
let folder: string
let server: OpenServer

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'inkpost-process-'))
  const opening = await serveControl({ path: join(folder, 'control.sock'), operations, log: { write() {} } })
  if (opening.kind === 'refused') throw new Error(opening.reason)
  server = opening
})
after(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

async function start(command: string, line: readonly string[], input = '', environment = {}): Promise<Ended> {
  const child = spawn(command, line, {
    env: { ...process.env, INKPOST_DATA: folder, NODE_NO_WARNINGS: '1', ...environment },
  })
  const read = { out: '', err: '' }
  child.stdout.on('data', (piece) => (read.out += piece))
  child.stderr.on('data', (piece) => (read.err += piece))
  child.stdin.on('error', () => {}).end(input)
  await once(child, 'close')
  return { code: child.exitCode, ...read }
}

const inkpost = (line: readonly string[], input?: string): Promise<Ended> =>
  start(process.execPath, [main, ...line], input)

describe('inkpost as a process', () => {
  it('finds the gateway of INKPOST_DATA and prints JSON to a pipe, whole', async () => {
    const { code, out, err } = await inkpost(['queue', '--limit', '2000', '--json'])
    assert.deepEqual([code, err], [0, ''])
    assert.equal(JSON.parse(out).length, 2000)
  })

  it('exits 1 with the reason on stderr when it is refused', async () => {
    assert.deepEqual(await inkpost(['drop', '9']), {
      code: 1,
      out: '',
      err: 'inkpost: there is no message 9\n',
    })
  })

  it('exits 2 for wrong arguments and a wrong document', async () => {
    assert.equal((await inkpost(['bogus'])).code, 2)
    assert.equal((await inkpost(['apply', '-'], 'wrong')).code, 2)
  })

  it('reads a document from stdin, and signs the audit with the name of who types', async () => {
    assert.equal((await inkpost(['apply', '-'], 'schema = 1\n')).code, 0)
    const [method, text, options] = asked.at(-1) ?? []
    assert.deepEqual([method, text], ['applySetup', 'schema = 1\n'])
    assert.match(JSON.stringify(options), /"check":false,"who":"\S.* at the command line"/)
  })

  it('reads a password from stdin', async () => {
    assert.equal((await inkpost(['operator', 'add', 'anna'], 'a long password\n')).code, 0)
    assert.equal(asked.at(-1)?.[3], 'a long password')
  })

  it('asks for a password at a terminal without showing it', async () => {
    const line = `${process.execPath} ${main} operator password anna`
    const environment = { ...process.env, INKPOST_DATA: folder, NODE_NO_WARNINGS: '1' }
    const child = spawn('script', ['-qec', line, '/dev/null'], { env: environment })
    let screen = ''
    child.stdout.on('data', (piece) => {
      screen += piece
      if (screen === 'Password: ') child.stdin.write('secx\u007fret\r')
    })
    await once(child, 'close')
    assert.equal(child.exitCode, 0, screen)
    assert.equal(screen, 'Password: \r\nanna has a new password.\r\n')
    assert.equal(asked.at(-1)?.[2], 'secret')
  })

  it('stays alive while send-test waits', async () => {
    looks = 0
    const { code, out } = await inkpost(['send-test', '--device', 'x', '--to', 'anna@contoso.com'])
    assert.equal(code, 0)
    assert.match(out, /accepted by acs/)
  })

  it('does not mind that its reader has seen enough', async () => {
    const line = `"$0" "$1" queue --limit 10000 --json | head -n 1; exit "\${PIPESTATUS[0]}"`
    const { code, out, err } = await start('bash', ['-c', line, process.execPath, main])
    assert.deepEqual([code, out, err], [0, '[\n', ''])
  })
})
