import type { ComponentChildren, ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { t } from '../words/language.ts'
import { Busy } from './busy.tsx'
import { Trouble } from './trouble.tsx'

export type LoadPage = () => Promise<ComponentType>

/** A page that is loaded when it is first shown. */
export function Lazy({ load }: { readonly load: LoadPage }) {
  return <LazyPart load={load}>{(Page) => <Page />}</LazyPart>
}

interface LazyPartProps<P> {
  /** The same function at each showing. */
  readonly load: () => Promise<ComponentType<P>>
  readonly children: (Part: ComponentType<P>) => ComponentChildren
}

/** A part of a page that few of its visitors come to. */
export function LazyPart<P>({ load, children }: LazyPartProps<P>) {
  const [part, setPart] = useState<{ readonly Part: ComponentType<P> } | 'failed' | undefined>(undefined)
  const begin = () => {
    setPart(undefined)
    load().then(
      (Part) => setPart({ Part }),
      () => setPart('failed'),
    )
  }
  useEffect(begin, [load])
  if (part === 'failed') return <Trouble sentence={t('trouble.unreachable')} onRetry={begin} />
  return part === undefined ? <Busy /> : children(part.Part)
}
