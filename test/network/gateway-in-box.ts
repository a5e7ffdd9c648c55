// A gateway from the sources in a box of namespaces, and somebody in its LAN who asks it.
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { BoxInLan } from './box-in-lan.ts'
import { eventually, type Said } from './namespaces.ts'

const node = process.execPath
const main = resolve(import.meta.dirname, '../../src/main.ts')

const setup = `[gateway]
trusted_networks = ["attached", "127.0.0.0/8"]
[console]
address = "::"
port = 8025
tls = "off"
[[listener]]
address = "::"
port = 2525
security = "plain"
[[device]]
name = "Scanner"
username = "scan1"
password = "correct-horse"
[[upstream]]
name = "outbox"
kind = "outbox"
`

export class Gateway {
  readonly #both: BoxInLan
  readonly #data: string
  #token = ''

  private constructor(both: BoxInLan) {
    this.#both = both
    this.#data = join(both.box.folder, 'data')
  }

  static async start(both: BoxInLan): Promise<Gateway> {
    const gateway = new Gateway(both)
    gateway.apply(setup)
    await gateway.serve()
    const [, token = ''] =
      /"token": "([^"]+)"/.exec(gateway.run('token add lan --role administrator --json').stdout) ?? []
    gateway.#token = token
    return gateway
  }

  async serve(): Promise<void> {
    // Where the box's own /run has the socket of the machine service.
    this.#both.box.sh(`ln -sf ${this.#both.socket} /run/inkpost-machine.sock`)
    this.#both.box.sh('mkdir -p /run/inkpost')
    this.#both.box.start(`${node} --no-warnings ${main} serve --data ${this.#data}`, {
      RUNTIME_DIRECTORY: '/run/inkpost',
    })
    await eventually('the gateway', () => this.run('status').stdout.includes('running'), [this.#both.box])
  }

  async stop(): Promise<void> {
    await this.#both.box.kill('src/main.ts serve', 'TERM')
  }

  apply(text: string): Said {
    const file = join(this.#both.box.folder, 'setup.toml')
    writeFileSync(file, text)
    return this.run(`apply ${file}`)
  }

  run(commandLine: string, environment: Readonly<Record<string, string>> = {}): Said {
    const words = Object.entries(environment).map(([name, value]) => `${name}='${value}'`)
    return this.#both.box.try(
      `${words.join(' ')} ${node} --no-warnings ${main} --data ${this.#data} ${commandLine}`,
    )
  }

  /** What the API answers somebody in the LAN, whatever its status. */
  async fromLan(method: string, address: string, path: string, body?: object): Promise<unknown> {
    const host = address.includes(':') ? `[${address}]` : address
    const data = body === undefined ? '' : `--data '${JSON.stringify(body)}'`
    const said = await this.#both.lan.run(
      `curl -gsS -m 20 -X ${method} -H 'Authorization: Bearer ${this.#token}' ${data} 'http://${host}:8025/api/v1${path}'`,
    )
    if (said.code !== 0) throw new Error(`${method} ${path}: ${said.stderr}`)
    return JSON.parse(said.stdout)
  }

  async greeting(address: string): Promise<string> {
    const { stdout } = await this.#both.lan.run(
      `python3 -c 'import socket; print(socket.create_connection(("${address}", 2525), 10).recv(200).decode())'`,
    )
    return stdout
  }

  /** A mail of the device, by curl in the LAN. */
  submit(address: string, account = 'scan1:correct-horse'): Said {
    const mail = join(this.#both.lan.folder, 'mail')
    writeFileSync(mail, 'Subject: scan\r\n\r\nhello\r\n')
    return this.#both.lan.try(
      `curl -gsS -m 20 --mail-from scanner@contoso.com --mail-rcpt anna@contoso.com -u ${account} -T ${mail} 'smtp://[${address}]:2525'`,
    )
  }
}
