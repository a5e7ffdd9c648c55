// Debian's Postfix as a smarthost: SASL by Dovecot behind STARTTLS on one port, verified client certificates on another.
// Everything it takes is delivered into a folder and can be read as it came.
import { X509Certificate } from 'node:crypto'
import { chmodSync, chownSync, mkdirSync, watch, writeFileSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type CertificateAuthority, createCertificateAuthority } from '../emulator/certificate-authority.ts'
import { type RealDovecotOptions, startRealDovecot } from './dovecot.ts'
import { freePort } from './free-port.ts'
import { type PostfixInstance, startPostfixInstance } from './postfix-instance.ts'

export interface RealPostfixOptions extends RealDovecotOptions {
  /** Default: a new one. It also is the one that client certificates must come from. */
  readonly certificateAuthority?: CertificateAuthority
  /** Default: `localhost` and 127.0.0.1. */
  readonly certificateNames?: readonly string[]
  /** PEM: client certificates that may relay (`check_ccert_access`); others from the authority are 554. */
  readonly clientCertificates?: readonly string[]
  /** More lines of main.cf. */
  readonly main?: string
}

/** One for each recipient. */
export interface DeliveredMail {
  /** Empty for the null sender. */
  readonly mailFrom: string
  readonly recipient: string
  /** Postfix's own trace fields, which it put before the content. */
  readonly trace: string
  /** As it was sent, with CRLF; exact for content in which every LF followed a CR. */
  readonly content: Buffer
}

export interface RealPostfix extends AsyncDisposable {
  readonly host: string
  /** STARTTLS, then AUTH; relays for who has signed in. */
  readonly port: number
  /** The same under implicit TLS. */
  readonly implicitPort: number
  /** STARTTLS with a client certificate; no AUTH. */
  readonly certificatePort: number
  readonly caPem: string
  readonly certificateAuthority: CertificateAuthority
  /** Resolves with all mails, in the order of delivery, once there are `count`; rejects with the signal's reason. */
  delivered(count: number, signal?: AbortSignal): Promise<DeliveredMail[]>
  /** Of Postfix. */
  log(): string
  /** As of a `PostfixInstance`. */
  logged(pattern: RegExp, from?: number): Promise<void>
}

/** Nobody's: virtual(8) delivers with no right at all. */
const mailboxUser = 65534

function main(folder: string, socket: string, more: string): string {
  return `myhostname = smarthost.test
mynetworks =
virtual_mailbox_base = ${folder}/mail
virtual_mailbox_maps = static:inbox/
virtual_uid_maps = static:${mailboxUser}
virtual_gid_maps = static:${mailboxUser}
default_transport = virtual
relay_transport = virtual
local_transport = virtual
# A client on loopback counts as local else, and gets header fields that it left out.
local_header_rewrite_clients =
message_size_limit = 60000000
virtual_mailbox_limit = 0
smtputf8_enable = yes
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = ${folder}/server.pem
smtpd_tls_key_file = ${folder}/server.key
smtpd_tls_CAfile = ${folder}/ca.pem
smtpd_tls_fingerprint_digest = sha256
smtpd_tls_loglevel = 1
smtpd_sasl_type = dovecot
smtpd_sasl_path = ${socket}
smtpd_sasl_security_options = noanonymous
smtpd_relay_restrictions = permit_sasl_authenticated, reject
${more}`
}

interface Ports {
  readonly port: number
  readonly implicitPort: number
  readonly certificatePort: number
}

function listeners(folder: string, { port, implicitPort, certificatePort }: Ports): string {
  return `127.0.0.1:${port} inet n - n - 100 smtpd
  -o smtpd_sasl_auth_enable=yes
127.0.0.1:${implicitPort} inet n - n - 100 smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
127.0.0.1:${certificatePort} inet n - n - 100 smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_tls_req_ccert=yes
  -o smtpd_relay_restrictions=check_ccert_access,texthash:${folder}/clients,reject
`
}

function splitMail(file: Buffer): DeliveredMail {
  const text = file.toString('latin1')
  // Return-Path, X-Original-To, Delivered-To and one Received are Postfix's, in this order.
  const trace = /^(?:(?:Return-Path|X-Original-To|Delivered-To): .*\n)+Received: .*\n(?:[ \t].*\n)*/.exec(
    text,
  )?.[0]
  if (trace === undefined) throw new Error(`a mail without Postfix’s trace fields: ${text.slice(0, 200)}`)
  const content = text.slice(trace.length).replaceAll('\n', '\r\n')
  return {
    mailFrom: /^Return-Path: <(.*)>$/m.exec(trace)?.[1] ?? '',
    recipient: /^X-Original-To: (.*)$/m.exec(trace)?.[1] ?? '',
    trace,
    content: Buffer.from(content, 'latin1'),
  }
}

/** In the order of their delivery, which Maildir's names do not keep within a second. */
async function readFolder(folder: string): Promise<DeliveredMail[]> {
  const files = (await readdir(folder)).map((name) => join(folder, name))
  const read = files.map(async (file) => {
    const { mtimeNs } = await stat(file, { bigint: true })
    return { mtimeNs, mail: splitMail(await readFile(file)) }
  })
  const mails = await Promise.all(read)
  return mails.sort((one, other) => Number(one.mtimeNs - other.mtimeNs)).map((one) => one.mail)
}

async function waitForMails(folder: string, count: number, signal?: AbortSignal): Promise<DeliveredMail[]> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const look = async (): Promise<void> => {
    if ((await readdir(folder)).length >= count) resolve()
  }
  const watcher = watch(folder, () => void look().catch(reject))
  const abort = (): void => reject(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted === true) abort()
  try {
    await Promise.all([look(), promise])
  } finally {
    watcher.close()
    signal?.removeEventListener('abort', abort)
  }
  return await readFolder(folder)
}

/** Needs root, postfix and dovecot-core. */
export async function startRealPostfix(options: RealPostfixOptions = {}): Promise<RealPostfix> {
  const ca = options.certificateAuthority ?? (await createCertificateAuthority())
  const identity = await ca.issue({ names: options.certificateNames ?? ['localhost', '127.0.0.1'] })
  const clients = (options.clientCertificates ?? []).map((pem) => new X509Certificate(pem).fingerprint256)
  const ports = {
    port: await freePort(),
    implicitPort: await freePort(),
    certificatePort: await freePort(),
  }
  await using stack = new AsyncDisposableStack()
  const dovecot = stack.use(await startRealDovecot(options))

  function prepare(folder: string): void {
    writeFileSync(join(folder, 'server.pem'), identity.certificatePem)
    writeFileSync(join(folder, 'server.key'), identity.keyPem)
    chmodSync(join(folder, 'server.key'), 0o600)
    writeFileSync(join(folder, 'ca.pem'), ca.caPem)
    writeFileSync(join(folder, 'clients'), clients.map((one) => `${one} OK\n`).join(''))
    for (const name of ['mail', 'mail/inbox', 'mail/inbox/new', 'mail/inbox/cur', 'mail/inbox/tmp']) {
      mkdirSync(join(folder, name))
      chownSync(join(folder, name), mailboxUser, mailboxUser)
    }
  }

  const postfix: PostfixInstance = stack.use(
    startPostfixInstance({
      main: (folder) => main(folder, dovecot.socket, options.main ?? ''),
      listeners: (folder) => listeners(folder, ports),
      prepare,
    }),
  )
  const running = stack.move()
  return {
    host: 'localhost',
    ...ports,
    caPem: ca.caPem,
    certificateAuthority: ca,
    delivered: (count, signal) => waitForMails(join(postfix.folder, 'mail/inbox/new'), count, signal),
    log: postfix.log,
    logged: postfix.logged,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
