// A real rsyslog on loopback, in a folder of its own: what it wrote is what an independent receiver understood.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { until } from './gateway-process.ts'

/** One message as rsyslog parsed it. */
export interface SyslogRecord {
  readonly facility: string
  readonly severity: string
  readonly hostname: string
  readonly app: string
  readonly msgid: string
  readonly time: string
  readonly protocol: string
  readonly message: string
}

export interface SyslogIdentity {
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
}

export class SyslogServer implements AsyncDisposable {
  readonly udpPort: number
  readonly tcpPort: number
  readonly tlsPort: number
  readonly #process: ChildProcess
  readonly #output: string

  private constructor(ports: readonly number[], child: ChildProcess, output: string) {
    const [udp = 0, tcp = 0, tls = 0] = ports
    this.udpPort = udp
    this.tcpPort = tcp
    this.tlsPort = tls
    this.#process = child
    this.#output = output
  }

  static async start(folder: string, identity: SyslogIdentity): Promise<SyslogServer> {
    const ports = [await freePort(), await freePort(), await freePort()] as const
    const [file, output] = [join(folder, 'rsyslog.conf'), join(folder, 'messages')]
    writeFileSync(file, configuration(folder, ports, identity, output))
    const child = spawn('/usr/sbin/rsyslogd', ['-n', '-f', file, '-i', join(folder, 'rsyslog.pid')], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const server = new SyslogServer(ports, child, output)
    // Its own first message says that the inputs are open.
    await until('rsyslog listens', async () => server.#lines().length > 0)
    return server
  }

  records(): readonly SyslogRecord[] {
    return this.#lines()
      .map((line): SyslogRecord => JSON.parse(line))
      .filter(({ app }) => app === 'inkpost')
  }

  reach(count: number): Promise<readonly SyslogRecord[]> {
    return until(`${count} messages`, async () => {
      const records = this.records()
      return records.length >= count && records
    })
  }

  #lines(): readonly string[] {
    if (!existsSync(this.#output)) return []
    return readFileSync(this.#output, 'utf8')
      .split('\n')
      .filter((line) => line.endsWith('}'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.kill('SIGTERM')
    await ended
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const place = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof place === 'object' && place ? place.port : 0
}

const field = (name: string, property: string, more = ''): string =>
  `property(name="${property}" outname="${name}" format="jsonf" ${more}) constant(value=",")`

const configuration = (
  folder: string,
  [udp, tcp, tls]: readonly [number, number, number],
  { caFile, certFile, keyFile }: SyslogIdentity,
  output: string,
): string => `
global(workDirectory="${folder}" processInternalMessages="on"
  defaultNetstreamDriverCAFile="${caFile}" defaultNetstreamDriverCertFile="${certFile}" defaultNetstreamDriverKeyFile="${keyFile}")
module(load="imudp")
module(load="imtcp")
template(name="json" type="list") {
  constant(value="{")
  ${field('facility', 'syslogfacility-text')}
  ${field('severity', 'syslogseverity-text')}
  ${field('hostname', 'hostname')}
  ${field('app', 'app-name')}
  ${field('msgid', 'msgid')}
  ${field('time', 'timereported', 'dateFormat="rfc3339"')}
  ${field('protocol', 'protocol-version')}
  property(name="msg" outname="message" format="jsonf")
  constant(value="}\\n")
}
action(type="omfile" file="${output}" template="json")
input(type="imudp" address="127.0.0.1" port="${udp}")
input(type="imtcp" address="127.0.0.1" port="${tcp}")
input(type="imtcp" address="127.0.0.1" port="${tls}" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
`
