import type { UpstreamKind, UpstreamSetup } from '../core/setup.ts'
import type { Upstream } from '../core/upstream.ts'
import { AcsEmail } from './acs-email.ts'
import { packParcel } from './acs-parcel.ts'
import { Graph } from './graph.ts'
import { OutboxUpstream } from './outbox.ts'
import { SmtpDriver } from './smtp-driver.ts'
import type { SmtpUpstreamKind } from './smtp-kinds.ts'
import { packSmtp } from './smtp-parcel.ts'
import type { UpstreamParts } from './upstream-parts.ts'

type Factory = (setup: UpstreamSetup, parts: UpstreamParts) => Upstream

const smtp =
  (kind: SmtpUpstreamKind): Factory =>
  (setup, parts) =>
    new SmtpDriver(kind, setup, parts, packSmtp)

/** Every kind of the setup document. */
const factories: Readonly<Record<UpstreamKind, Factory>> = {
  outbox: (setup, parts) => new OutboxUpstream(setup, parts),
  'acs-email': (setup, parts) => new AcsEmail(setup, parts, packParcel),
  smarthost: smtp('smarthost'),
  'acs-smtp': smtp('acs-smtp'),
  'exchange-smtp': smtp('exchange-smtp'),
  'exchange-hve': smtp('exchange-hve'),
  'exchange-direct': smtp('exchange-direct'),
  'exchange-connector': smtp('exchange-connector'),
  graph: (setup, parts) => new Graph(setup, parts),
}

/** The driver for a way out. Opens nothing: what is wrong with the settings is told by its first outcome. */
export const createUpstream = (setup: UpstreamSetup, parts: UpstreamParts): Upstream =>
  factories[setup.kind](setup, parts)
