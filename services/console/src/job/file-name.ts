/** A name for an output's file, by its media type. */
const endings: Readonly<Record<string, string>> = {
  'application/json': 'json',
  'application/pdf': 'pdf',
  'application/zip': 'zip',
  'audio/mpeg': 'mp3',
  'audio/wav': 'wav',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/svg+xml': 'svg',
  'image/webp': 'webp',
  'text/csv': 'csv',
  'text/html': 'html',
  'text/markdown': 'md',
  'text/plain': 'txt',
  'video/mp4': 'mp4',
};

const essence = (mediaType: string): string => mediaType.split(';', 1)[0]?.trim().toLowerCase() ?? '';

export const fileNameFor = (task: string, id: string, mediaType: string): string =>
  `${task}-${id.slice(0, 8)}.${endings[essence(mediaType)] ?? 'bin'}`;

/** Whether a person can read it as it is. */
export const isReadable = (mediaType: string): boolean =>
  /^text\/|[/+](?:json|xml|yaml|javascript)$/.test(essence(mediaType));
