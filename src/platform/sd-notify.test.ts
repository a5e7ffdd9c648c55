import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { sdNotify, watchdogIntervalMs } from './sd-notify.ts'

describe('watchdog interval', () => {
  const rows: readonly (readonly [string | undefined, number | undefined])[] = [
    ['30000000', 15_000],
    [undefined, undefined],
    ['', undefined],
    ['0', undefined],
    ['-5', undefined],
    ['soon', undefined],
  ]
  for (const [value, ms] of rows)
    it(`${value ?? 'unset'}: ${ms ?? 'none'}`, () =>
      assert.equal(watchdogIntervalMs(value === undefined ? {} : { WATCHDOG_USEC: value }), ms))
})

describe('sd_notify', () => {
  /** A PATH on which systemd-notify only writes down what it was called with. */
  const withTool = async (environment: NodeJS.ProcessEnv, told: string): Promise<string> => {
    const folder = mkdtempSync(join(tmpdir(), 'notify-'))
    const path = process.env['PATH']
    const said = join(folder, 'said')
    writeFileSync(
      join(folder, 'systemd-notify'),
      `#!/bin/sh\necho "$@" > ${said}.new && mv ${said}.new ${said}\n`,
    )
    chmodSync(join(folder, 'systemd-notify'), 0o755)
    process.env['PATH'] = `${folder}:${path}`
    try {
      sdNotify('READY=1', environment)
      for (let tries = 0; tries < (told === '' ? 20 : 2000); tries++) {
        const found = readOr(said)
        if (found !== '') return found
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
      return ''
    } finally {
      process.env['PATH'] = path
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const readOr = (file: string): string => {
    try {
      return readFileSync(file, 'utf8').trim()
    } catch {
      return ''
    }
  }

  it('tells the state for this process', async () => {
    const expected = `--pid=${process.pid} READY=1`
    assert.equal(await withTool({ NOTIFY_SOCKET: '/run/notify' }, expected), expected)
  })

  it('is silent where nobody listens', async () => {
    assert.equal(await withTool({}, ''), '')
  })

  it('bears a machine without systemd', () => {
    const path = process.env['PATH']
    process.env['PATH'] = '/nonexistent'
    try {
      assert.doesNotThrow(() => sdNotify('STOPPING=1', { NOTIFY_SOCKET: '/run/notify' }))
    } finally {
      process.env['PATH'] = path
    }
  })

  /** What a listener as systemd is one hears (unix(7), SO_PASSCRED): the datagram, and which process the kernel says sent it. */
  const listener = `
import socket, struct, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
s.settimeout(60)
s.bind('\\0' + sys.argv[1][1:] if sys.argv[1][0] == '@' else sys.argv[1])
print('listens', flush=True)
told, rest, _, _ = s.recvmsg(100, 100)
print(told.decode(), struct.unpack('3i', rest[0][2])[0])`

  for (const kind of ['a path', 'an abstract name'])
    it(`speaks for itself, as systemd asks of NotifyAccess=main: ${kind}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'notify-'))
      const place = kind === 'a path' ? join(folder, 'socket') : `@${folder}`
      try {
        const systemd = spawn('python3', ['-c', listener, place], { stdio: ['ignore', 'pipe', 'inherit'] })
        await once(systemd.stdout, 'data')
        const heard = text(systemd.stdout)
        const program = `import('${import.meta.resolve('./sd-notify.ts')}').then((m) => m.sdNotify('READY=1'))`
        const environment = { PATH: '/nonexistent', NOTIFY_SOCKET: place }
        const child = spawn(process.execPath, ['--experimental-ffi', '--no-warnings', '-e', program], {
          env: environment,
        })
        assert.equal((await heard).trim(), `READY=1 ${child.pid}`)
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    })
})
