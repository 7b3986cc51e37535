// By what a report of usage is grouped.
export type By = 'model' | 'token' | 'status' | 'day' | 'endpoint';
