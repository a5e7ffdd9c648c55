import type { Reply } from '../../core/reply.ts'
import type { SessionEvent } from '../../core/session-event.ts'
import type { DeviceSetup, TlsFloor } from '../../core/setup.ts'
import type { DataEnd } from './data-decoder.ts'
import type { DataSink } from './incoming-data.ts'
import type { Mailroom } from './smtp-machine.ts'

/** The session behind a connection: what the edge asks it and tells it. */
export interface Desk extends Mailroom {
  /** What may be opened towards this address (listener, device, box). */
  tlsFloor(): TlsFloor
  /** Which certificate old TLS is shown here. */
  certificate(): DeviceSetup['certificate']
  /** TLS is on: `TLSv1.3 TLS_AES_256_GCM_SHA384`. What was said in clear counts no more. `isWeak`: vintage. */
  secured(description: string, isWeak: boolean): void
  /** Something that the session's verdict may stand on. */
  happened(event: SessionEvent): void
  /** The edge itself turned the session away with this reply, said or not. */
  refused(reply: Reply): void
  /** What the device said was mended: names of docs/devices.md. */
  repaired(quirks: readonly string[]): void
  /** EHLO's keywords (RFC 5321 section 4.1.1.1), in order. */
  capabilities(isSecure: boolean): readonly string[]
  offersStartTls(): boolean
  /** DATA may begin, or the refusal. Does not reject. */
  openData(): DataSink | Reply | Promise<DataSink | Reply>
  /** What ends the DATA of the mail that is open. */
  dataEnd(): DataEnd
  /** The client said something: it heard the reply before. The argument is as it was said. */
  heard(verb: string, argument: string): void
}
