import { type Answer, ask } from '../../box.ts'
import { sent } from '../backup/octets.ts'

/** Octets of a request: what breaks off on bad Wi-Fi is sent again, and no more. */
const pieceOctets = 4_000_000
/** Of one piece. */
const mostTries = 3

type Offset = { readonly offset: number }

/** Goes on where an upload of a file of this length ended. `onPercent`: whole ones, of all of it. */
export async function sendBundle(file: File, onPercent: (percent: number) => void): Promise<Answer<Offset>> {
  let answer = await ask<Offset>('POST', '/update/upload', { body: { octets: file.size } })
  let tries = 0
  while (answer.kind === 'done' && answer.value.offset < file.size) {
    const { offset } = answer.value
    onPercent(Math.floor((100 * offset) / file.size))
    const piece = file.slice(offset, offset + pieceOctets)
    const taken = await sent<Offset>(
      `/update/upload/${offset}`,
      piece,
      'application/octet-stream',
      (response) => response.json(),
    )
    tries = taken.kind === 'failed' ? tries + 1 : 0
    // The box may have a part of it.
    const isLost = taken.kind === 'failed' && taken.status === 0 && tries < mostTries
    answer = isLost ? await ask<Offset>('POST', '/update/upload', { body: { octets: file.size } }) : taken
  }
  return answer
}
