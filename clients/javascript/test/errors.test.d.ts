export type Change = (content: any) => void;
