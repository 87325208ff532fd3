/** Holds the place of what is on its way, so that nothing jumps when it comes. */

export interface SkeletonProps {
  lines: number;
  /** What is loading, for those who do not see it. */
  label: string;
}

export const Skeleton = ({ lines, label }: SkeletonProps) => (
  <div class="skeleton" role="status">
    <span class="visually-hidden">{label}</span>
    {Array.from({ length: lines }, (_, index) => (
      <div key={index} class="skeleton-line" aria-hidden="true" />
    ))}
  </div>
);
