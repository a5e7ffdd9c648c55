// Samba's own server, for a user of this machine: what an office has as its NAS.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { until } from '../gateway-process.ts'
import { freePort } from './free-port.ts'

/** `//127.0.0.1:PORT/NAME` with a folder in it. */
export class SambaShare implements AsyncDisposable {
  readonly user = userInfo().username
  readonly password = 'pass word'
  readonly port: number
  readonly #place: string
  readonly #server: ChildProcess

  private constructor(port: number, place: string, server: ChildProcess) {
    this.port = port
    this.#place = place
    this.#server = server
  }

  static async start(name: string, folder: string): Promise<SambaShare> {
    const place = mkdtempSync(join(tmpdir(), 'inkpost-samba-'))
    const port = await freePort()
    for (const each of ['share', `share/${folder}`, 'state']) mkdirSync(join(place, each))
    const file = join(place, 'smb.conf')
    writeFileSync(file, settings(place, port, name))
    const added = spawnSync('smbpasswd', ['-c', file, '-a', '-s', userInfo().username], {
      input: 'pass word\npass word\n',
      encoding: 'utf8',
    })
    assert.equal(added.status, 0, added.stdout + added.stderr)
    // In a group of its own: it ends its whole group with itself.
    const server = spawn('smbd', ['--foreground', '--no-process-group', '-s', file], {
      stdio: 'ignore',
      detached: true,
    })
    await until('samba listens', () => isOpen(port))
    return new SambaShare(port, place, server)
  }

  /** On this machine. */
  get folder(): string {
    return join(this.#place, 'share')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.#server.exitCode === null && once(this.#server, 'exit')
    this.#server.kill()
    await ended
    rmSync(this.#place, { recursive: true })
  }
}

function settings(place: string, port: number, name: string): string {
  const folders = ['lock', 'state', 'cache', 'pid', 'private', 'ncalrpc'].map((kind) => {
    const key = kind === 'private' || kind === 'ncalrpc' ? `${kind} dir` : `${kind} directory`
    return `${key} = ${place}/state`
  })
  return [
    '[global]',
    ...folders,
    `passdb backend = smbpasswd:${place}/passwords`,
    'disable netbios = yes\nserver role = standalone\ninterfaces = 127.0.0.1\nbind interfaces only = yes',
    `smb ports = ${port}\nload printers = no\nserver min protocol = SMB2\nlog file = ${place}/log`,
    `[${name}]\npath = ${place}/share\nread only = no\nvalid users = ${userInfo().username}`,
  ].join('\n')
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
