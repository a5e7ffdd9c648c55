// A scripted SMTP upstream on node:net and node:tls with its own parser: an independent witness of what the
// gateway says to a next hop.
import { createServer, type Socket } from 'node:net'
import type { TlsOptions } from 'node:tls'
import type { Outage } from './azure-settings.ts'
import { listenBreakably } from './breakable-server.ts'
import { type CertificateAuthority, createCertificateAuthority } from './certificate-authority.ts'
import { createRecorder } from './recorder.ts'
import { newConnection, type SmtpConnection, type SmtpMail } from './smtp-ledger.ts'
import type { SmtpScript } from './smtp-script.ts'
import { runSmtpSession } from './smtp-session.ts'
import { defaultSmtpSettings, type SmtpSettings } from './smtp-settings.ts'
import { createSmtpTransport } from './smtp-transport.ts'

export interface SmtpUpstreamOptions extends Partial<Omit<SmtpSettings, 'script'>> {
  /** Default: any free one. */
  readonly port?: number
  /** Default `starttls`. */
  readonly security?: 'plain' | 'starttls' | 'implicit'
  /** Default: a new one. */
  readonly certificateAuthority?: CertificateAuthority
  /** Default: `localhost` and 127.0.0.1. Others make a server of the wrong name. */
  readonly certificateNames?: readonly string[]
  /** In the past for an expired certificate. */
  readonly certificateNotAfter?: Date
  /** Asks for a client certificate and records it, whoever signed it. */
  readonly wantsClientCertificate?: boolean
  /** PEM; which client certificates count as trusted. Default: those of the public authorities. */
  readonly clientCaPem?: string
  readonly minTlsVersion?: 'TLSv1.2' | 'TLSv1.3'
  readonly maxTlsVersion?: 'TLSv1.2' | 'TLSv1.3'
}

export interface SmtpUpstream extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly caPem: string
  readonly certificateAuthority: CertificateAuthority
  /** Live: assign to a field and the next command sees it. */
  readonly settings: SmtpSettings
  readonly script: SmtpScript
  readonly ledger: SmtpMail[]
  readonly connections: SmtpConnection[]
  readonly openConnections: number
  /** Most connections open at once so far. */
  readonly peakConnections: number
  readonly outage: Outage
  setOutage(outage: Exclude<Outage, '503'>): Promise<void>
  ledgerReaches(count: number, signal?: AbortSignal): Promise<void>
  connectionsReach(count: number, signal?: AbortSignal): Promise<void>
}

async function tlsOptions(options: SmtpUpstreamOptions, ca: CertificateAuthority): Promise<TlsOptions> {
  if (options.security === 'plain') return {}
  const { certificateNotAfter: notAfter, minTlsVersion, maxTlsVersion } = options
  const names = options.certificateNames ?? ['localhost', '127.0.0.1']
  const identity = await ca.issue({ names, ...(notAfter === undefined ? {} : { notAfter }) })
  return {
    key: identity.keyPem,
    cert: identity.certificatePem,
    requestCert: options.wantsClientCertificate ?? false,
    rejectUnauthorized: false,
    ...(options.clientCaPem === undefined ? {} : { ca: options.clientCaPem }),
    minVersion: minTlsVersion ?? 'TLSv1.2',
    maxVersion: maxTlsVersion ?? 'TLSv1.3',
  }
}

function settingsOf(options: SmtpUpstreamOptions): SmtpSettings {
  const {
    port,
    security,
    certificateAuthority,
    certificateNames,
    certificateNotAfter,
    wantsClientCertificate,
    clientCaPem,
    minTlsVersion,
    maxTlsVersion,
    ...given
  } = options
  return { ...defaultSmtpSettings(), ...given }
}

export async function startSmtpUpstream(options: SmtpUpstreamOptions = {}): Promise<SmtpUpstream> {
  const settings = settingsOf(options)
  const security = options.security ?? 'starttls'
  const ca = options.certificateAuthority ?? (await createCertificateAuthority())
  const tls = await tlsOptions(options, ca)
  const ledger = createRecorder<SmtpMail>()
  const connections = createRecorder<SmtpConnection>()
  let open = 0
  let peak = 0

  async function serve(socket: Socket, connection: SmtpConnection): Promise<void> {
    const transport = createSmtpTransport(socket, tls)
    if (security === 'implicit') {
      const upgrade = await transport.upgrade()
      if (upgrade.kind === 'failed') {
        connection.tlsError = upgrade.code
        return transport.end()
      }
      connection.tls = upgrade.tls
    }
    await runSmtpSession({
      settings,
      hasStartTls: security === 'starttls',
      connection,
      transport,
      store: ledger.add,
    })
  }

  const server = createServer((socket) => {
    const limit = settings.connectionLimit?.connections ?? Number.POSITIVE_INFINITY
    const connection = newConnection({
      id: connections.entries.length + 1,
      at: settings.now(),
      clientAddress: settings.clientAddress ?? socket.remoteAddress ?? '',
      isOverLimit: open >= limit,
    })
    open += 1
    peak = Math.max(peak, open)
    socket.once('close', () => {
      open -= 1
      connection.isOpen = false
    })
    connections.add(connection)
    serve(socket, connection).catch((error: unknown) => {
      // A bug of the emulator must not look like a fault of the upstream under test.
      console.error('emulator:', error)
      socket.destroy()
    })
  })
  const listener = await listenBreakably(server, '127.0.0.1', options.port ?? 0)

  return {
    host: 'localhost',
    port: listener.port,
    caPem: ca.caPem,
    certificateAuthority: ca,
    settings,
    script: settings.script,
    ledger: ledger.entries,
    connections: connections.entries,
    get openConnections() {
      return open
    },
    get peakConnections() {
      return peak
    },
    get outage() {
      return listener.outage
    },
    setOutage: listener.setOutage,
    ledgerReaches: ledger.reaches,
    connectionsReach: connections.reaches,
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  }
}
