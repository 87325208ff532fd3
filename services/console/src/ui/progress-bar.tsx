import { percent } from './format.ts';

export interface ProgressBarProps {
  /** 0 to 1. */
  value: number;
  label: string;
}

export const ProgressBar = ({ value, label }: ProgressBarProps) => (
  <progress class="progress" max={1} value={value} aria-label={label}>
    {percent(value)}
  </progress>
);
