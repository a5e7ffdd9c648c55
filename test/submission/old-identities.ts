import { memoryStore } from '../../src/certificates/key-store.fixture.ts'
import { type IssuedIdentity, ServerCertificates } from '../../src/certificates/server-identity.ts'
import type { OldIdentity } from '../../src/core/server-identity.ts'
import { wallMs } from '../../src/core/time.ts'
import { systemClock } from '../../src/platform/clock.ts'

const certificates = new ServerCertificates(memoryStore(), systemClock(wallMs(0)))
const names = { name: 'box', hostname: 'box.local', addresses: [] }

/** The box's own old identities, each made when a test of this process first needs it. */
export const oldIdentity = (name: OldIdentity): Promise<IssuedIdentity> => certificates.old(name, names)
