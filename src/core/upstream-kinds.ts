import type { UpstreamKind } from './setup.ts'

/** Kinds that deliver inside the organisation only. */
export const internalKinds: ReadonlySet<UpstreamKind> = new Set(['exchange-direct', 'exchange-hve'])

/** Connections at once that Exchange allows for a mailbox (learn.microsoft.com, "Exchange Online limits"). */
export const mailboxConnections = 3

/**
 * Octets of MIME that Graph takes: a request has at most 4 MB, base64 included (learn.microsoft.com/graph/outlook-large-attachments).
 * In a million, not a mebi: nobody says which of them is meant.
 */
export const graphMaxSize = 3_000_000
