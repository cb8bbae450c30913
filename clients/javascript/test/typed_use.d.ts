export declare function answers(text: string): Promise<string>;
