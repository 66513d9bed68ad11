// What the documents are of.

export const documentInfo = { title: 'Kubernetes', version: 'v1.36.0' } as const;
