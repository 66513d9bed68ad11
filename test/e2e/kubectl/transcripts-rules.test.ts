// What users of kubectl see of the server's rules: refusals, owners of fields, kinds of their own, waiting, namespaces that end.
import { runTranscripts } from './run-transcripts.ts';

runTranscripts(['custom', 'namespace', 'server-side', 'validation', 'wait']);
