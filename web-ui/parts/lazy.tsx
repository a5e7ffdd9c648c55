import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { t } from '../words/language.ts'
import { Busy } from './busy.tsx'
import { Trouble } from './trouble.tsx'

export type LoadPage = () => Promise<ComponentType>

/** A page that is loaded when it is first shown. */
export function Lazy({ load }: { readonly load: LoadPage }) {
  const [page, setPage] = useState<{ readonly Page: ComponentType } | 'failed' | undefined>(undefined)
  const begin = () => {
    setPage(undefined)
    load().then(
      (Page) => setPage({ Page }),
      () => setPage('failed'),
    )
  }
  useEffect(begin, [load])
  if (page === 'failed') return <Trouble sentence={t('trouble.unreachable')} onRetry={begin} />
  return page === undefined ? <Busy /> : <page.Page />
}
