// What users of kubectl see when they change something: apply, create, edit, replace, patch, label, delete.
import { runTranscripts } from './run-transcripts.ts';

runTranscripts(['apply', 'create', 'delete', 'edit', 'legacy']);
