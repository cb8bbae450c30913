/**
 * Serves folders on this machine alone.
 *
 * @param {Record<string, string>} folders by the first part of the address
 * @returns {Promise<{address: string, close: () => Promise<void>}>}
 */
export declare function serve(folders: Record<string, string>): Promise<{
    address: string;
    close: () => Promise<void>;
}>;
