/** Refuses what names an upstream that is not there. */
export const noUpstream = (name: string): { readonly kind: 'refused'; readonly reason: string } => ({
  kind: 'refused',
  reason: `there is no upstream ${name}: see \`inkpost status\``,
})
