import type { Content } from '../core/content.ts'
import type { LiveFile } from '../core/live.ts'
import type { MimePart, PartIndex } from '../core/part-index.ts'
import type { Secrets } from '../core/secret.ts'
import type { Setup } from '../core/setup.ts'
import { countPages } from '../message/page-count.ts'
import { withoutPassword } from './told-verdict.ts'

const mostFiles = 20

/** What a test mail carried, for the person who stands at the device. Of other mail nobody is told that. */
export async function filesOf(
  { parts }: PartIndex,
  content: Content,
  setup: Setup,
  secrets: Secrets,
): Promise<readonly LiveFile[]> {
  const files: LiveFile[] = []
  for (const part of parts.filter(isFile).slice(0, mostFiles)) {
    const pages = await countPages(content, part)
    files.push({
      name: await withoutPassword(part.fileName ?? '', setup, secrets),
      type: part.type,
      octets: part.decodedSize,
      ...(pages !== undefined && { pages }),
    })
  }
  return files
}

/** Not the words around it. */
const isFile = ({ type, fileName }: MimePart): boolean =>
  !type.startsWith('multipart/') && (fileName !== undefined || !type.startsWith('text/'))
