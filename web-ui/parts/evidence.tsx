interface EvidenceProps {
  readonly title: string
  /** Said by others: each is isolated from the page's own direction. */
  readonly lines: readonly string[]
}

/** What a verdict or a finding stands on, for who wants to know; nothing where there is nothing. */
export function Evidence({ title, lines }: EvidenceProps) {
  if (lines.length === 0) return null
  return (
    <details>
      <summary>{title}</summary>
      <ul>
        {lines.map((each) => (
          <li key={each}>
            <bdi>{each}</bdi>
          </li>
        ))}
      </ul>
    </details>
  )
}
